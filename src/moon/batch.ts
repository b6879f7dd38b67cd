import { ropeIndex } from '../backbones/qwen25vl/positions.js';
import { assert } from '../checks/error.js';
import * as tf from '../engine/tf.js';
import type { ImageGrid } from '../pictures/patch-places.js';
import type { SequenceImage } from '../pictures/shown-picture.js';
import type { PictureInput } from '../pictures/stored-pictures.js';
import type { Aspect } from './aspect-option.js';
import { groupNumbers } from './experts/groups.js';
import { type GroupTable, groupNames } from './experts/option.js';
import type { ReadText } from './frozen-text.js';
import type { Sequence } from './sequence.js';

/**
 * A padded batch of sequences as plain arrays. Everything that depends on token positions is computed here on the host, so that a training
 * step reads nothing back. `rows` = sequences x length; a token's row is sequence * length + position.
 */
export interface Batch {
  ids: string[];
  sequences: number;
  length: number;
  /** [rows] token ids, 0 at padding. */
  tokens: Int32Array;
  /** [rows] 1 = real token. */
  mask: Float32Array;
  /** [3, rows] time, row and column of multimodal rotary positions. */
  positions: Int32Array;
  /** Pictures in the order of their visual tokens. */
  images: SequenceImage[];
  /** Visual tokens of each of `images`, where they have different ones. */
  grids?: ImageGrid[];
  /** Number of pictures on the engine: `images`, filled up with black ones. */
  pictures: number;
  /** Texts that a frozen encoder reads, in the order of their tokens; empty where the network has a vocabulary of its own. */
  texts: ReadText[];
  /** Number of their token states on the engine: all of them, filled up with zeros. */
  states: number;
  /**
   * [rows] row of the concatenated table [token embeddings; visual tokens; states of texts] that each token is gathered from: its id, or for
   * an image token vocabulary + its visual row.
   */
  source: Int32Array;
  /** Aspect of every row; null at padding. */
  aspects: (Aspect | null)[];
  /**
   * Slots of each expert group (`GroupTable`), the ordinary experts first. Counts are rounded up with empty slots, so that few different
   * shapes occur.
   */
  groups: readonly number[];
  /** [slots] row of every slot, group by group; `rows` for an empty slot. */
  rowOfSlot: Int32Array;
  /** [rows] slot of every row; the number of slots for a padded row. */
  slotOfRow: Int32Array;
}

export interface BatchOptions {
  /** Number of rows of the token embedding. */
  vocabulary: number;
  imageTokenId: number;
  /** Visual tokens of every picture; of the largest one where segments have grids of their own. */
  imageGrid: ImageGrid;
  /** Whether the visual tokens of a picture have rows and columns as positions, or count up like text. */
  positions: 'grid' | 'linear';
  /** Which aspects have their own expert group. */
  groupTable: GroupTable;
  /** Lengths are rounded up to multiples of this, so that few different shapes occur. Default 16. */
  bucket?: number;
  /** Minimum size, so that all batches of a run share their shapes. Ignored if the batch does not fit. */
  min?: BatchSize;
}

/** Everything that decides the shapes of a batch, except its number of sequences. */
export interface BatchSize {
  length: number;
  /** Slots of each expert group, the ordinary experts first. */
  groups: readonly number[];
  /** Number of pictures. A batch is filled up with black ones, which no token refers to. */
  images: number;
  /** Number of token states of texts that a frozen encoder reads; none without one. */
  states: number;
}

/** The smallest size that holds the sequences, rounded up to buckets. */
export function batchSize(
  sequences: readonly Sequence[],
  { groupTable, bucket = 16 }: Pick<BatchOptions, 'groupTable' | 'bucket'>,
): BatchSize {
  const groupOf = groupNumbers(groupTable);
  const rows = Array<number>(1 + groupNames(groupTable).length).fill(0);
  let longest = 0;
  let images = 0;
  let states = 0;
  for (const { segments } of sequences) {
    let length = 0;
    for (const { aspect, ids, image, read } of segments) {
      rows[groupOf(aspect)] += ids.length;
      length += ids.length;
      if (image) images++;
      if (read) states += ids.length;
    }
    longest = Math.max(longest, length);
  }
  return {
    length: roundUp(longest, bucket),
    groups: rows.map((count) => count && roundUp(count, bucket * 4)),
    images,
    states: states && roundUp(states, bucket * 4),
  };
}

/** Whether a batch of size `small` can be padded to size `large`. */
export function fits(small: BatchSize, large: BatchSize): boolean {
  return (
    small.length <= large.length &&
    small.images <= large.images &&
    small.states <= large.states &&
    small.groups.every((count, group) => count <= large.groups[group])
  );
}

/** Number of visual tokens of one picture, of the largest one where they differ. */
export function imageTokens({ imageGrid: { rows, columns } }: Pick<BatchOptions, 'imageGrid'>): number {
  return rows * columns;
}

/** Build a padded batch: positions, sources of embeddings, expert groups. */
export function buildBatch(sequences: readonly Sequence[], options: BatchOptions): Batch {
  const { vocabulary, imageTokenId, imageGrid, groupTable, min } = options;
  const inRows = options.positions === 'grid';
  const perPicture = imageTokens(options);
  const own = batchSize(sequences, options);
  const { length, groups: slots, images: pictures, states } = min && fits(own, min) ? min : own;
  const shown = own.images && pictures;
  const rows = sequences.length * length;
  const tokens = new Int32Array(rows);
  const mask = new Float32Array(rows);
  const source = new Int32Array(rows);
  const aspects: Batch['aspects'] = new Array(rows).fill(null);
  const images: SequenceImage[] = [];
  const groupOf = groupNumbers(groupTable);
  const rowsOf: number[][] = slots.map(() => []);
  const grids: ImageGrid[] = [];
  const texts: ReadText[] = [];
  let word = vocabulary + shown * perPicture;
  sequences.forEach(({ segments }, at) => {
    let row = at * length;
    for (const { aspect, ids, image, grid, read } of segments) {
      if (read) texts.push(read);
      let visual = vocabulary + images.length * perPicture;
      const end = visual + (grid ? grid.rows * grid.columns : perPicture);
      if (image) images.push(image);
      if (grid) grids.push(grid);
      for (const id of ids) {
        tokens[row] = id;
        mask[row] = 1;
        source[row] = read ? word++ : id === imageTokenId ? visual++ : id;
        aspects[row] = aspect;
        rowsOf[groupOf(aspect)].push(row);
        row++;
      }
      assert(!image || (visual === end && end - vocabulary <= images.length * perPicture), 'a picture has its tokens');
    }
  });
  assert(!grids.length || grids.length === images.length, 'all pictures have grids, or none');
  const { positions } = ropeIndex(
    sequences.map(({ segments }, at) => ({
      ids: tokens.subarray(at * length, (at + 1) * length),
      mask: mask.subarray(at * length, (at + 1) * length),
      grids: inRows
        ? segments
            .filter((segment) => segment.image)
            .map(({ grid = imageGrid }) => ({ t: 1, h: grid.rows, w: grid.columns }))
        : [],
    })),
    { imageTokenId: inRows ? imageTokenId : -1, mergeSize: 1 },
  );
  return {
    ids: sequences.map((each) => each.id),
    sequences: sequences.length,
    length,
    tokens,
    mask,
    positions,
    images,
    ...(grids.length ? { grids } : {}),
    pictures: shown,
    texts,
    states: texts.length && states,
    source,
    aspects,
    ...assignSlots(rowsOf, slots, rows),
  };
}

/**
 * @param rowsOf rows of each group
 * @param sizes slots of each group
 * @param rows of the batch
 */
function assignSlots(rowsOf: readonly number[][], sizes: readonly number[], rows: number) {
  const slots = sizes.reduce((sum, size) => sum + size, 0);
  const rowOfSlot = new Int32Array(slots).fill(rows);
  const slotOfRow = new Int32Array(rows).fill(slots);
  let start = 0;
  sizes.forEach((size, group) => {
    rowsOf[group].forEach((row, index) => {
      rowOfSlot[start + index] = row;
      slotOfRow[row] = start + index;
    });
    start += size;
  });
  return { groups: [...sizes], rowOfSlot, slotOfRow };
}

function roundUp(count: number, multiple: number): number {
  return Math.max(multiple, Math.ceil(count / multiple) * multiple);
}

/** The tensors of a batch for a training step. Free them with `tf.dispose`. */
export type BatchTensors = {
  mask: tf.Tensor2D;
  positions: tf.Tensor3D;
  source: tf.Tensor1D;
  rowOfSlot: tf.Tensor1D;
  slotOfRow: tf.Tensor1D;
  pictures: PictureInput;
  /** [states, width] token states of texts by a frozen encoder. */
  states?: tf.Tensor2D;
  /** 1 at the texts of prompts [sequences, length], for a network with a gate for them. */
  prompt?: tf.Tensor2D;
};

/** Upload a batch. `pictures` holds `batch.pictures` entries, `states` `batch.states`; the result owns them. */
export function uploadBatch(batch: Batch, pictures: PictureInput, states?: tf.Tensor2D): BatchTensors {
  const given = 'images' in pictures ? pictures.images.shape[0] : pictures.shape[0];
  assert(given === batch.pictures, `${given} pictures for a batch of ${batch.pictures}`);
  const { sequences, length } = batch;
  return {
    mask: tf.tensor2d(batch.mask, [sequences, length]),
    positions: tf.tensor3d(batch.positions, [3, sequences, length], 'int32'),
    source: tf.tensor1d(batch.source, 'int32'),
    rowOfSlot: tf.tensor1d(batch.rowOfSlot, 'int32'),
    slotOfRow: tf.tensor1d(batch.slotOfRow, 'int32'),
    pictures,
    ...(states && { states }),
  };
}
