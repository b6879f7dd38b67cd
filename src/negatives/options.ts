import { fillIn } from '../checks/fill-in.js';
import { type Filled, fraction, integer, number, record, tagged } from '../checks/schema.js';

/**
 * Where a query's negatives come from (paper, figure 4a).
 * - `inBatch`: items of its own group that other queries bought, and their hard negatives.
 * - `hard`: the items chosen for it because they are hard to tell from what it bought.
 * - `spatial`: items of the other groups of the update (in the paper: of the other workers).
 * - `temporal`: items of past updates, from the queue.
 */
export const sourceNames = ['inBatch', 'hard', 'spatial', 'temporal'] as const;
export type SourceName = (typeof sourceNames)[number];

/** Which sources of negatives a run has: every one can be off, alone or in any mix. */
export interface NegativesOption {
  /** What the other queries of the group bought. */
  inBatch: { kind: 'batch'; weight?: number } | { kind: 'none' };
  hard: HardOption;
  spatial: SpatialOption;
  temporal: TemporalOption;
}

/**
 * Where the explicit hard negative of what was bought comes from (paper: another product of its category).
 * - `same-category`: any product that shares the path down to `level` (1 is the top; left out: the whole path). The lower the level,
 *   the more alike they are, and the more often they are the same thing under another id.
 * - `mined`: one of the `nearest` products (default 16) by the embeddings of the model in training. Products that are at least
 *   `ceiling` similar (default 0.95) are taken for near-duplicates and left out.
 * - `none`: no hard negatives.
 *
 * A query's hard negative is also a negative of the other queries, in-batch or spatial.
 */
export type HardOption = { kind: 'same-category'; level?: number; weight?: number } | MinedOption | { kind: 'none' };

export interface MinedOption {
  kind: 'mined';
  nearest?: number;
  ceiling?: number;
  weight?: number;
}

/**
 * Spatial negatives (paper: items gathered from all workers). On one machine an update holds `groups` groups (default 4), each the
 * batch of one worker.
 * - `gathered`: items of the other groups are negatives too.
 * - `none`: the same items and the same updates, with negatives of the own group alone.
 */
export type SpatialOption = { kind: 'gathered'; groups?: number; weight?: number } | { kind: 'none'; groups?: number };

/**
 * Temporal negatives.
 * - `queue`: the last `size` item embeddings; they count after the fraction `start` of the steps, when the network no longer changes
 *   fast. A queue longer than the catalogue holds products several times, as they were at different steps.
 * - `none`: no item of a past update is a negative.
 */
export type TemporalOption = { kind: 'queue'; size: number; start: number; weight?: number } | { kind: 'none' };

const weight = number({
  min: 0,
  default: 1,
  help: 'how much each of these negatives counts in the softmax; 0: not at all',
});
const groups = integer({ min: 1, max: 1024, default: 4, help: 'groups of an update, each the batch of one worker' });

const hardSchema = tagged<HardOption, 'level'>('where the explicit hard negative of a query comes from', {
  'same-category': {
    level: integer({
      min: 1,
      max: 64,
      leftOut: 'the whole path',
      help: 'how many levels of the category path it shares, from the top',
    }),
    weight,
  },
  mined: {
    nearest: integer({ min: 1, max: 65536, default: 16, help: 'it is one of so many nearest products' }),
    ceiling: number({
      min: -1,
      max: 1,
      default: 0.95,
      help: 'the cosine from which a product is taken for a duplicate',
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
  inBatch: tagged<NegativesOption['inBatch']>('whether what other queries of the group bought are negatives', {
    batch: { weight },
    none: {},
  }),
  hard: hardSchema,
  spatial: spatialSchema,
  temporal: tagged<TemporalOption>('whether items of past updates are negatives', {
    queue: {
      size: integer({ min: 0, max: 262144, help: 'items of past updates that are kept' }),
      start: fraction({ help: 'the fraction of the steps after which the queue counts' }),
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

/** What a contrastive loss needs to know of them. */
export interface SourceUse {
  weights: Record<SourceName, number>;
}

/** The weight of every source, 0 where it is off: the options of `infoNce`. */
export function sourceUse(option: NegativesOption): SourceUse {
  const filled = fillIn(negativesSchema, option, 'negatives');
  const weightOf = (source: { kind: string; weight?: number }) => source.weight ?? 0;
  const weights = Object.fromEntries(sourceNames.map((name) => [name, weightOf(filled[name])]));
  return { weights: weights as Record<SourceName, number> };
}
