import { assert, UserError } from '../checks/error.js';
import { type Detector, plausibleRegion, type RawRegion } from '../data/region.js';
import type { ProductImage } from '../data/types.js';
import type { Aspect } from '../moon/aspect-option.js';
import { identityOf } from './identity.js';
import { massBox } from './mass-box.js';
import type { AttentionOption } from './options.js';

/** Attention weights of a model's last block for one sequence [image][title], or [image] only. */
export interface AttentionReading {
  /** [heads, length, length] attention weights: rows are queries, columns are keys. */
  attention: ArrayLike<number>;
  /** Aspect of every token (`Batch.aspects`); null at padding. */
  aspects: readonly (Aspect | null)[];
  /** Rows and columns of visual tokens of the sequence's only image. */
  grid: { rows: number; columns: number };
}

/** A frozen checkpoint that returns its attention to images. */
export interface AttentionReader {
  read(image: ProductImage, title?: string): Promise<AttentionReading>;
  /** Hash of the checkpoint's weights. */
  weights: string;
  dispose(): void;
}

/** Opens a checkpoint by name. The room that stores runs provides this function. */
export type OpenAttention = (checkpoint: string) => Promise<AttentionReader>;

/**
 * Open the checkpoint of an `attention` option as a detector.
 * @throws UserError without a function that opens checkpoints
 */
export async function openAttention(
  { kind, checkpoint }: AttentionOption,
  open: OpenAttention | undefined,
): Promise<Detector> {
  if (!open)
    throw new UserError(
      `region.kind: 'attention' needs a function that opens the checkpoint '${checkpoint}'; pass openAttention to detectorOf.`,
    );
  const reader = await open(checkpoint);
  return {
    detect: async (image, title) => [plausibleRegion(kind, attentionBox(await reader.read(image, title)))],
    identity: identityOf(kind, {}, reader.weights),
    dispose: reader.dispose,
  };
}

/** The box around the image area with most attention from the title (`massBox`). */
export function attentionBox(reading: AttentionReading): RawRegion {
  return massBox(titleAttention(reading).flat(), reading.grid.columns);
}

/**
 * Attention from the title to every part of the image [rows][columns], mean over heads and title tokens; without a title, mean over all
 * tokens.
 */
export function titleAttention({ attention, aspects, grid }: AttentionReading): number[][] {
  const length = aspects.length;
  const heads = attention.length / length ** 2;
  const rowsOf = (wanted: (aspect: Aspect | null) => boolean) =>
    aspects.flatMap((aspect, row) => (wanted(aspect) ? [row] : []));
  const titleRows = rowsOf((aspect) => aspect === 'title');
  const queryRows = titleRows.length ? titleRows : rowsOf((aspect) => aspect !== null);
  // An image's tokens lie between a start and an end token, which have its aspect but show none of it.
  const imageRows = rowsOf((aspect) => aspect === 'image').slice(1, -1);
  assert(Number.isInteger(heads), `attention has ${attention.length} entries for ${length} tokens`);
  assert(
    imageRows.length === grid.rows * grid.columns,
    `${imageRows.length} visual tokens on ${grid.rows} x ${grid.columns}`,
  );
  const attentionTo = (column: number) => {
    let sum = 0;
    for (let head = 0; head < heads; head++)
      for (const row of queryRows) sum += attention[(head * length + row) * length + column];
    return sum / (heads * queryRows.length);
  };
  return Array.from({ length: grid.rows }, (_, row) =>
    imageRows.slice(row * grid.columns, (row + 1) * grid.columns).map(attentionTo),
  );
}
