import { queryForm } from '../../data/types.js';
import * as tf from '../../engine/tf.js';
import type { ObjectiveName } from '../../losses/objective-weights/option.js';
import { type Field, productSequence, type Sequence, type SequenceOptions } from '../../moon/sequence.js';
import type { Sample } from '../../sampler/sampler.js';
import { type Side, sequencesOf } from '../contrastive/sides.js';
import { type DualAlignment, objectivesOf } from './option.js';

/** A part of a step that is embedded together: queries, whole items, the items' pictures alone and texts alone, labels. */
export type DualSide = Side | 'images' | 'texts';
export const dualSides: readonly DualSide[] = ['queries', 'items', 'images', 'texts', 'labels'];

/** What dual alignment reads of a step beside the truth of the contrastive one, for Q queries, N items and M objectives. */
export type DualTruth = {
  /** [M, Q] 1 where a query takes part in an objective. */
  members: tf.Tensor2D;
  /** [Q] 0 for a pair that is known to be wrong, else 1. */
  right: tf.Tensor1D;
  /** [N] 1 for an item with a picture and a text. */
  present: tf.Tensor1D;
  /** [N, N] 1 where the text of the column is a negative of the picture of the row. */
  against: tf.Tensor2D;
};

const textFields: readonly Field[] = ['title', 'category', 'attributes'];

/** The sequences of a step. An item without a picture or without a text stands in whole, and does not count (`present`). */
export function dualSequences(
  sample: Sample,
  read: SequenceOptions,
  option: DualAlignment,
): Record<DualSide, Sequence[]> {
  const sequences = sequencesOf(sample, read);
  const needed = option.directions || option.intra.kind !== 'none';
  const view = (field: 'images' | 'texts') =>
    needed ? sample.items.map((_, row) => viewOf(sample, row, field, read) ?? sequences.items[row]) : [];
  return { ...sequences, images: view('images'), texts: view('texts') };
}

/** An item's picture alone, or its texts alone; undefined if it has none in this step. */
function viewOf(sample: Sample, row: number, view: 'images' | 'texts', read: SequenceOptions): Sequence | undefined {
  const { product, shown = product } = sample.items[row];
  const image = sample.itemImages[row];
  if (view === 'images')
    return image && productSequence({ ...shown, images: [image] }, { ...read, withhold: textFields });
  return hasText(sample, row)
    ? productSequence(shown, { ...read, withhold: [...sample.withheld[row], 'image'] })
    : undefined;
}

function hasText({ items, withheld }: Sample, row: number): boolean {
  const { title, category, attributes } = items[row].product;
  const has = { title: title.trim(), category: category.length, attributes: Object.keys(attributes).length };
  return Object.entries(has).some(([field, there]) => there && !withheld[row].includes(field as Field));
}

/** Upload which query takes part in which objective, and which texts each picture is contrasted with. */
export function uploadDualTruth(sample: Sample, option: DualAlignment): DualTruth {
  const { queries, items, numbers, positiveOf, hardOf } = sample;
  const present = items.map((_, row) => Boolean(sample.itemImages[row]) && numbers[row] >= 0 && hasText(sample, row));
  const forms = queries.map(queryForm);
  const takesPart: Record<ObjectiveName, (query: number) => boolean> = {
    image: (query) => forms[query] === 'image',
    text: (query) => forms[query] === 'text',
    product: (query) => forms[query] === 'product',
    textToImage: (query) => forms[query] === 'text' && present[positiveOf[query]],
    imageToText: (query) => forms[query] === 'image' && present[positiveOf[query]],
  };
  const members = objectivesOf(option).map((name) => queries.map((_, query) => Number(takesPart[name](query))));
  const opposite = new Set<string>();
  positiveOf.forEach((bought, query) => {
    const hard = hardOf?.[query] ?? -1;
    if (hard >= 0) opposite.add(`${bought} ${hard}`).add(`${hard} ${bought}`);
  });
  const all = option.intra.kind === 'own-text' && option.intra.against === 'batch';
  const against = items.map((_, row) =>
    items.map((_, other) => Number(numbers[row] !== numbers[other] && (all || opposite.has(`${row} ${other}`)))),
  );
  return {
    members: tf.tensor2d(members),
    right: tf.tensor1d(queries.map((query, at) => Number(!isWrong(sample, query, at)))),
    present: tf.tensor1d(present.map(Number)),
    against: tf.tensor2d(against),
  };
}

/** Whether a query's picture or text is known not to belong to what it bought. */
function isWrong({ items, positiveOf }: Sample, { image, text }: Sample['queries'][number], at: number): boolean {
  const { wrong } = items[positiveOf[at]];
  return Boolean(wrong && ((image && wrong.has(image.id)) || (text && wrong.has(text))));
}
