import type { RandomStream } from '../engine/random.js';
import * as tf from '../engine/tf.js';

/** Square maps [out, in] without bias by which the losses of summaries read hidden states. */
export const summaryHeads = {
  /** What is read as a whole -> the space of token embeddings. */
  words: 'loss.summary_words',
  /** Visual tokens -> the space of text tokens. */
  distance: 'loss.summary_distance',
  /** Either side -> the space in which they are contrasted. */
  text: 'loss.summary_text',
  picture: 'loss.summary_picture',
  /** Visual tokens -> features of the frozen encoder [features, width]. */
  regions: 'loss.summary_regions',
} as const;

export const isSummaryHead = (name: string) => (Object.values(summaryHeads) as string[]).includes(name);

/**
 * The initial heads of the losses that have a weight: normal(0, range).
 * @param sizes width of hidden states, and of the features of a picture's regions
 */
export function initSummaryHeads(
  weights: { words: number; distance: number; contrast: number; regions: number },
  { width, features }: { width: number; features: number },
  range: number,
  stream: RandomStream,
): Record<string, tf.Tensor2D> {
  const shapes: [name: string, out: number][] = [
    ...(weights.words ? [[summaryHeads.words, width] as [string, number]] : []),
    ...(weights.distance ? [[summaryHeads.distance, width] as [string, number]] : []),
    ...(weights.contrast
      ? [summaryHeads.text, summaryHeads.picture].map((name): [string, number] => [name, width])
      : []),
    ...(weights.regions ? [[summaryHeads.regions, features] as [string, number]] : []),
  ];
  return Object.fromEntries(
    shapes.map(([name, out]) => {
      const own = stream.child(name);
      const values = Float32Array.from({ length: out * width }, () => range * own.normal());
      return [name, tf.tensor2d(values, [out, width])];
    }),
  );
}
