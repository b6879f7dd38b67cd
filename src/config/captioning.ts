/** What the encoder needs of the writing stage, whose options stand beside its objectives. */
export { questionsOf, type SummaryWeights, summaryWeights } from '../objectives/captions/option.js';
