import { assert, UserError } from '../checks/error.js';
import { believable, type Detector, type Found } from '../data/region.js';
import type { ProductImage } from '../data/types.js';
import type { Aspect } from '../moon/aspect-option.js';
import { identityOf } from './identity.js';
import { massBox } from './mass-box.js';
import type { AttentionOption } from './options.js';

/** What the last block of a model looked at while it read one sequence [image][title], or [image] alone. */
export interface AttentionReading {
  /** [heads, length, length]: how much the token of a row looks at the token of a column. */
  attention: ArrayLike<number>;
  /** Of every token of the sequence (`Batch.aspects`); null where padded. */
  aspects: readonly (Aspect | null)[];
  /** Visual tokens of its one image: down and across. */
  grid: { rows: number; columns: number };
}

/** A frozen checkpoint that reads images with their titles. */
export interface AttentionReader {
  read(image: ProductImage, title?: string): Promise<AttentionReading>;
  /** Hash of the checkpoint's weights. */
  weights: string;
  dispose(): void;
}

/** Opens a checkpoint by its name; the room that keeps runs provides it. */
export type OpenAttention = (checkpoint: string) => Promise<AttentionReader>;

export async function openAttention(
  { kind, checkpoint }: AttentionOption,
  open: OpenAttention | undefined,
): Promise<Detector> {
  if (!open)
    throw new UserError(
      `region.kind: 'attention' needs a way to open the checkpoint '${checkpoint}'; give detectorOf openAttention.`,
    );
  const reader = await open(checkpoint);
  return {
    detect: async (image, title) => [believable(kind, attentionBox(await reader.read(image, title)))],
    identity: identityOf(kind, {}, reader.weights),
    dispose: reader.dispose,
  };
}

/** The box around the part of the image that the title looks at most (`massBox`). */
export function attentionBox(reading: AttentionReading): Found {
  return massBox(titleAttention(reading).flat(), reading.grid.columns);
}

/**
 * How much the title looks at every part of the image [rows][columns]: mean over heads and title tokens. Without a title, the mean
 * over all tokens.
 */
export function titleAttention({ attention, aspects, grid }: AttentionReading): number[][] {
  const length = aspects.length;
  const heads = attention.length / length ** 2;
  const rowsOf = (wanted: (aspect: Aspect | null) => boolean) =>
    aspects.flatMap((aspect, row) => (wanted(aspect) ? [row] : []));
  const titled = rowsOf((aspect) => aspect === 'title');
  const lookers = titled.length ? titled : rowsOf((aspect) => aspect !== null);
  // An image stands between a start and an end token, which carry its aspect and show nothing of it.
  const looked = rowsOf((aspect) => aspect === 'image').slice(1, -1);
  assert(Number.isInteger(heads), `attention has ${attention.length} entries for ${length} tokens`);
  assert(
    looked.length === grid.rows * grid.columns,
    `${looked.length} visual tokens on ${grid.rows} x ${grid.columns}`,
  );
  const fraction = (column: number) => {
    let sum = 0;
    for (let head = 0; head < heads; head++)
      for (const row of lookers) sum += attention[(head * length + row) * length + column];
    return sum / (heads * lookers.length);
  };
  return Array.from({ length: grid.rows }, (_, row) =>
    looked.slice(row * grid.columns, (row + 1) * grid.columns).map(fraction),
  );
}
