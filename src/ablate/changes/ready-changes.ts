import type { Changes } from './change.js';
import * as moon2 from './moon2-changes.js';
import * as pretrained from './pretrained-changes.js';
import * as removals from './removals.js';
import * as variations from './variations.js';

/** Ready changes without parameters, by the names that study files use. */
export const readyChanges = {
  ...removals,
  ...pretrained,
  ...moon2,
  causal: variations.causal,
  bidirectional: variations.bidirectional,
  onlyImageQueries: variations.onlyImageQueries,
  onlyTextQueries: variations.onlyTextQueries,
  onlyProductQueries: variations.onlyProductQueries,
  equalQueryMix: variations.equalQueryMix,
  bfloat16: variations.bfloat16,
  cropOnly: variations.cropOnly,
  centreCrop: variations.centreCrop,
  randomCrop: variations.randomCrop,
  duplicateImage: variations.duplicateImage,
} satisfies Changes;

/** Ready changes with one parameter, for grids. */
export const readyGrids = {
  queryMix: variations.queryMix,
  expertCount: variations.expertCount,
  topK: variations.topK,
  queueLength: variations.queueLength,
  temperature: variations.temperature,
  hardLevel: variations.hardLevel,
};
