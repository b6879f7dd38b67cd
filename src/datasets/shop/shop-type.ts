import type { Catalogue, Split } from '../../data/types.js';
import type { FactName, Facts } from './facts.js';
import type { ShopSettings } from './settings.js';
import type { Combination } from './split.js';

/** A generated catalogue with the truth about it, by which a measurement can be checked. */
export interface Shop extends Catalogue {
  settings: ShopSettings;
  /** Product id -> what is drawn, withheld facts included. */
  facts: ReadonlyMap<string, Facts>;
  /** Product id -> the split that all of its pairs are in. */
  splits: ReadonlyMap<string, Split>;
  /** Query id -> the facts that its text tells, withheld ones not. Image queries have none. */
  told: ReadonlyMap<string, readonly FactName[]>;
  /** Combinations of colour and pattern that only the test split has. */
  unseen: Combination[];
}
