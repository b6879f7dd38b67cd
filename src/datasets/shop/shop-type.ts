import type { Catalogue, Split } from '../../data/types.js';
import type { FactName, Facts } from './facts.js';
import type { ShopSettings } from './settings.js';
import type { Combination } from './split.js';

/** A generated catalogue with its ground truth, against which measurements can be checked. */
export interface Shop extends Catalogue {
  settings: ShopSettings;
  /** Product id -> the facts that are drawn, including withheld ones. */
  facts: ReadonlyMap<string, Facts>;
  /** Product id -> the split that all of its pairs are in. */
  splits: ReadonlyMap<string, Split>;
  /** Query id -> the facts that its text names, without withheld ones. Image queries have no entry. */
  told: ReadonlyMap<string, readonly FactName[]>;
  /** Combinations of colour and pattern that occur only in the test split. */
  unseen: Combination[];
}
