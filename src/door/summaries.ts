export {
  type SellerText,
  type SummaryFact,
  sellerTexts,
  summaryFacts,
  withSellerTexts,
} from '../datasets/shop/seller-text.js';
export { attributeTemplate, firstSentence } from '../summaries/controls.js';
export { type SummaryScores, summaryScores } from '../summaries/scores.js';
export { type SummarySettings, summarySettings } from '../summaries/study-settings.js';
export { type SummaryStudyOptions, summaryStudy } from '../summaries/summary-study.js';
