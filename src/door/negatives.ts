export { auditNegatives } from '../negatives/audit.js';
export { describeHard, drawHard } from '../negatives/hard.js';
export {
  checkNegatives,
  type HardOption,
  type NegativesOption,
  type SpatialOption,
  sourceNames,
  sourceUse,
} from '../negatives/options.js';
export { emptyQueue, pushQueue, type Queue } from '../negatives/queue.js';
export { sameCategory } from '../negatives/same-category.js';
export type { ContrastiveInput } from '../negatives/sources.js';
export { groupRows } from '../negatives/spatial.js';
