export { type CompletedProduct, type CompleteOptions, completeCatalogue } from '../complete/complete-catalogue.js';
export { type CompletionStudyOptions, completionStudy } from '../complete/completion-study.js';
export { type CompletedField, textOfField, withField } from '../complete/field.js';
export type { Filled, Filler, FillerInput } from '../complete/filler.js';
export { type DecoderOptions, decoder } from '../complete/fillers/decoder.js';
export { neighbour } from '../complete/fillers/neighbour.js';
export { borrowed, drop, oracle } from '../complete/fillers/simple.js';
export { type CompletionSettings, completionSettings } from '../complete/study-settings.js';
