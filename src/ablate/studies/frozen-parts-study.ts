import { groceryFrozen } from '../../datasets/grocery/recipes.js';
import { allOf } from '../changes/change.js';
import { frozenWords, segmentedRegions, wordsOnPictures } from '../changes/pretrained-changes.js';
import type { Study } from './study.js';
import { groceryData } from './study-data.js';

/** What further frozen networks bring beside frozen picture features: U2Netp's regions, MiniLM's texts, PP-OCR's words. */
export const frozenParts: Study = {
  name: 'frozen-parts',
  base: groceryFrozen,
  changes: { segmentedRegions, frozenWords, wordsOnPictures, both: allOf(segmentedRegions, frozenWords) },
  seeds: [1, 2, 3],
  data: groceryData,
  budget: { kind: 'items', steps: 400 },
  split: 'val',
  tasks: ['g1.full', 'g3.full', 'g4'],
  prediction:
    'Regions by segmentation help photos by a few points; frozen words do little for photos and much for titles that training did not hold; both add up. Words on pictures help where packages carry their names, as do 31 of 81 products.',
};
