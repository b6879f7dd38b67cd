import { boolean, type Filled, fraction, integer, number, oneOf, orElse, record, tagged } from '../../checks/schema.js';

/**
 * Which weights of a matrix go first.
 * - `random`: any.
 * - `magnitude`: the smallest ones of each row, of the matrix, or of all matrices together.
 * - `wanda`: the smallest |weight| x length of its input over the calibration tokens, by row (arXiv 2306.11695).
 * - `sparsegpt`: the smallest weight^2 / U_jj^2, and later columns make up for what went (arXiv 2301.00774).
 */
export type ScoreOption =
  | { kind: 'random' }
  | { kind: 'magnitude'; among?: 'row' | 'matrix' | 'network' }
  | { kind: 'wanda' }
  | { kind: 'sparsegpt'; damping?: number; columns?: number };

/**
 * How much each block keeps.
 * - `uniform`: all the same.
 * - `owl`: blocks with more outliers keep more (arXiv 2310.05175); `opposite` is the sign of TAMP's repository.
 * - `ecoflap`: blocks whose change moves the loss more keep more, by zeroth-order gradients (arXiv 2310.02998). How importance becomes a ratio is
 *   our choice: as in `das`.
 * - `das`: blocks whose output tokens are more diverse keep more (TAMP, arXiv 2504.09897).
 */
export type RatioOption =
  | { kind: 'uniform' }
  | { kind: 'owl'; factor?: number; range?: number; opposite?: boolean }
  | { kind: 'ecoflap'; epsilon?: number; reach?: number }
  | { kind: 'das'; reach?: number };

/**
 * Which calibration tokens the scores see.
 * - `all`.
 * - `amia`: of each sequence the tokens that are attended to, until they represent the rest (TAMP).
 * - `random`: as many as `amia` takes, at random: its control.
 */
export type TokenOption =
  | { kind: 'all' }
  | { kind: 'amia'; neighbours?: number; threshold?: number }
  | { kind: 'random'; neighbours?: number; threshold?: number };

export interface PruneOption {
  /** The fraction of the weights of all pruned matrices that becomes 0. */
  sparsity: number;
  score?: ScoreOption;
  ratios?: RatioOption;
  tokens?: TokenOption;
  /** Of random scores, random tokens and the directions of `ecoflap`. */
  seed?: number;
}

const neighbours = integer({ default: 3, min: 1, help: 'nearest tokens that share their attention' });
const threshold = number({
  default: 0.1,
  min: 0,
  help: 'how well the chosen tokens must represent the rest; 0: all are chosen',
});
const reach = fraction({ default: 0.1, help: 'how far the sparsity of a matrix may exceed that of the network' });

export const pruneSchema = record<PruneOption>({
  sparsity: fraction({ help: 'the fraction of the weights of all pruned matrices that becomes 0' }),
  score: orElse(
    tagged<ScoreOption>('which weights of a matrix go first', {
      random: {},
      magnitude: {
        among: oneOf(['row', 'matrix', 'network'], { default: 'row', help: 'which weights compete with each other' }),
      },
      wanda: {},
      sparsegpt: {
        damping: number({ default: 0.01, min: 0, help: 'part of the mean of the diagonal that is added to it' }),
        columns: integer({ default: 128, min: 1, help: 'columns among which weights compete' }),
      },
    }),
    { kind: 'wanda' },
  ),
  ratios: orElse(
    tagged<RatioOption>('how much each block keeps', {
      uniform: {},
      owl: {
        factor: number({ default: 5, min: 0, help: 'times the mean from which a score is an outlier' }),
        range: fraction({ default: 0.08, help: 'how far the sparsity of a block may be from that of the network' }),
        opposite: boolean({ default: false, help: "the sign of TAMP's repository" }),
      },
      ecoflap: {
        epsilon: number({ default: 1e-3, min: 0, help: 'length of the step along which the loss is compared' }),
        reach,
      },
      das: { reach },
    }),
    { kind: 'uniform' },
  ),
  tokens: orElse(
    tagged<TokenOption>('which calibration tokens the scores see', {
      all: {},
      amia: { neighbours, threshold },
      random: { neighbours, threshold },
    }),
    { kind: 'all' },
  ),
  seed: integer({ default: 0, min: 0, help: 'of what is random' }),
});

/** An option with its defaults. */
export type FilledPrune = Filled<PruneOption>;

/** The methods of the papers by name. */
export const pruneMethods = {
  random: { score: { kind: 'random' } },
  magnitude: { score: { kind: 'magnitude' } },
  'magnitude-network': { score: { kind: 'magnitude', among: 'network' } },
  wanda: {},
  sparsegpt: { score: { kind: 'sparsegpt' } },
  owl: { ratios: { kind: 'owl' } },
  'owl-opposite': { ratios: { kind: 'owl', opposite: true } },
  ecoflap: { ratios: { kind: 'ecoflap' } },
  das: { ratios: { kind: 'das' } },
  amia: { tokens: { kind: 'amia' } },
  'random-tokens': { tokens: { kind: 'random' } },
  tamp: { ratios: { kind: 'das' }, tokens: { kind: 'amia' } },
} as const satisfies Record<string, Omit<PruneOption, 'sparsity'>>;

export type PruneMethod = keyof typeof pruneMethods;
