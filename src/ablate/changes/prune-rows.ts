import type { Catalogue } from '../../data/types.js';
import type { Encoder } from '../../encoder/encoder.js';
import { calibrationPairs } from '../../encoder/prune/calibration.js';
import { pruneEncoder } from '../../encoder/prune/prune-encoder.js';
import type { Pixels } from '../../pictures/picture-store.js';
import { type PruneMethod, type PruneOption, pruneMethods } from '../../weights/prune/option.js';

/** What a change of a trained network may read besides its weights. */
export interface ChangeContext {
  catalogue: Catalogue;
  pixels: Pixels;
  signal?: AbortSignal;
}

/** Training pairs that a row is calibrated with; the base's seed draws them. */
const PAIRS = 64;

export const pruneMethodNames = Object.keys(pruneMethods) as PruneMethod[];

/** Pruning by the name of its row, `wanda-50` for half of the weights; undefined for any other name. */
export function pruneOptionOf(name: string): PruneOption | undefined {
  const [, method, percent] = /^(.+)-([1-9]\d?)$/.exec(name) ?? [];
  const known = pruneMethodNames.find((each) => each === method);
  return known && { ...pruneMethods[known], sparsity: Number(percent) / 100 };
}

/** A pruned copy of a trained network, calibrated with its training pairs. Dispose its parameters when done. */
export async function prunedCopy(
  encoder: Encoder,
  option: PruneOption,
  { catalogue, pixels, signal }: ChangeContext,
): Promise<Encoder> {
  const { seed } = encoder.config;
  const calibration = calibrationPairs(encoder, catalogue, pixels, { count: PAIRS, seed });
  const { encoder: pruned } = await pruneEncoder(encoder, calibration, pixels, { ...option, seed }, { signal });
  return pruned;
}

/** A row for each method at each percentage. */
export const pruneRows = (methods: readonly PruneMethod[], percents: readonly number[]) =>
  Object.fromEntries(
    percents.flatMap((percent) =>
      methods.map((method) => [`${method}-${percent}`, { weights: `${method}-${percent}` }]),
    ),
  );
