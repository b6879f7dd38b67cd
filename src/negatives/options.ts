import { fillIn } from '../checks/fill-in.js';
import { type Filled, fraction, integer, number, record, tagged } from '../checks/schema.js';

/**
 * Sources of a query's negatives (paper, figure 4a).
 * - `inBatch`: items that other queries of the same group bought, and those queries' hard negatives.
 * - `hard`: items chosen for the query because they are similar to the bought item.
 * - `spatial`: items of the other groups of the update (in the paper: of other workers).
 * - `temporal`: items of past updates, from the queue.
 */
export const sourceNames = ['inBatch', 'hard', 'spatial', 'temporal'] as const;
export type SourceName = (typeof sourceNames)[number];

/** Which sources of negatives a run uses. Each can be turned on or off independently. */
export interface NegativesOption {
  /** Items that other queries of the group bought. */
  inBatch: { kind: 'batch'; weight?: number } | { kind: 'none' };
  hard: HardOption;
  spatial: SpatialOption;
  temporal: TemporalOption;
}

/**
 * How the explicit hard negative of a query is chosen (paper: another product of the bought product's category).
 * - `same-category`: any product that shares the category path down to `level` (1 is the top; default the whole path). With a deeper level
 *   the products are more alike, and more often the same product under another id.
 * - `mined`: one of the `nearest` products (default 16) by the embeddings of the model in training. Products with a cosine of at least
 *   `ceiling` (default 0.95) are treated as near-duplicates and excluded.
 * - `none`: no hard negatives.
 *
 * A query's hard negative is also an in-batch or spatial negative of the other queries.
 */
export type HardOption = { kind: 'same-category'; level?: number; weight?: number } | MinedOption | { kind: 'none' };

export interface MinedOption {
  kind: 'mined';
  nearest?: number;
  ceiling?: number;
  weight?: number;
}

/**
 * Spatial negatives (paper: items gathered from all workers). On one machine an update has `groups` groups (default 4); each is the batch
 * of one worker.
 * - `gathered`: items of the other groups are negatives too.
 * - `none`: the same items and updates, but only items of the own group are negatives.
 */
export type SpatialOption = { kind: 'gathered'; groups?: number; weight?: number } | { kind: 'none'; groups?: number };

/**
 * Temporal negatives.
 * - `queue`: the last `size` item embeddings. They count after the fraction `start` of the steps, when the network changes slowly. A queue
 *   longer than the catalogue holds products several times, embedded at different steps.
 * - `none`: no items of past updates.
 */
export type TemporalOption = { kind: 'queue'; size: number; start: number; weight?: number } | { kind: 'none' };

const weight = number({
  min: 0,
  default: 1,
  help: "factor on these negatives' terms in the softmax; 0 turns the source off",
});
const groups = integer({
  min: 1,
  max: 1024,
  default: 4,
  help: 'number of groups in an update; each is the batch of one worker',
});

const hardSchema = tagged<HardOption, 'level'>('how the explicit hard negative of a query is chosen', {
  'same-category': {
    level: integer({
      min: 1,
      max: 64,
      leftOut: 'the whole path',
      help: 'number of levels of the category path that the hard negative shares, from the top',
    }),
    weight,
  },
  mined: {
    nearest: integer({ min: 1, max: 65536, default: 16, help: 'number of nearest products to choose from' }),
    ceiling: number({
      min: -1,
      max: 1,
      default: 0.95,
      help: 'cosine from which a product counts as a near-duplicate and is excluded',
    }),
    weight,
  },
  none: {},
});

const spatialSchema = tagged<SpatialOption>('whether items of other groups of the update are negatives', {
  gathered: { groups, weight },
  none: { groups },
});

export const negativesSchema = record<NegativesOption, 'level'>({
  inBatch: tagged<NegativesOption['inBatch']>('whether items that other queries of the group bought are negatives', {
    batch: { weight },
    none: {},
  }),
  hard: hardSchema,
  spatial: spatialSchema,
  temporal: tagged<TemporalOption>('whether items of past updates are negatives', {
    queue: {
      size: integer({ min: 0, max: 262144, help: 'number of items in the queue' }),
      start: fraction({ help: 'the fraction of the steps after which queue items are negatives' }),
      weight,
    },
    none: {},
  }),
});

export function hardOption<Option extends HardOption>(option: Option): Filled<Option, 'level'> {
  return fillIn(hardSchema, option, 'negatives.hard') as Filled<Option, 'level'>;
}

export const spatialOption = (option: SpatialOption): Filled<SpatialOption> =>
  fillIn(spatialSchema, option, 'negatives.spatial');

/** @throws UserError for a wrong option. */
export function checkNegatives(option: NegativesOption): void {
  fillIn(negativesSchema, option, 'negatives');
}

/** Options of `infoNce` that follow from the sources of negatives. */
export interface SourceUse {
  weights: Record<SourceName, number>;
}

/**
 * The weight of every source, 0 if it is off: options of `infoNce`.
 * @throws UserError for a wrong option
 */
export function sourceUse(option: NegativesOption): SourceUse {
  const filled = fillIn(negativesSchema, option, 'negatives');
  const weightOf = (source: { kind: string; weight?: number }) => source.weight ?? 0;
  const weights = Object.fromEntries(sourceNames.map((name) => [name, weightOf(filled[name])]));
  return { weights: weights as Record<SourceName, number> };
}
