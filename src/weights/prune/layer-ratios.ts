/** The fraction of scores above `factor` times their mean: OWL's outliers of a block. */
export function outlierShare(scores: readonly Float32Array[], factor: number): number {
  let [total, count, above] = [0, 0, 0];
  for (const each of scores) {
    for (const score of each) total += score;
    count += each.length;
  }
  const bound = (factor * total) / count;
  for (const each of scores) for (const score of each) if (score > bound) above++;
  return above / count;
}

/**
 * The sparsity of each block by its outliers: their fractions brought to [0, 2 range], less their mean, are taken from the sparsity of the network
 * (OWL); added, with the sign of TAMP's repository.
 */
export function owlSparsities(
  outliers: readonly number[],
  sparsity: number,
  range: number,
  opposite: boolean,
): number[] {
  const [least, most] = [Math.min(...outliers), Math.max(...outliers)];
  const scaled = outliers.map((share) => (most > least ? ((share - least) / (most - least)) * 2 * range : 0));
  const mean = scaled.reduce((sum, value) => sum + value, 0) / scaled.length;
  return scaled.map((value) => sparsity - (opposite ? -1 : 1) * (value - mean));
}

/** Mean cosines between a sequence's output tokens: within the picture, within the text, and between the two. */
export interface Likeness {
  image: number;
  text: number;
  between: number;
}

/**
 * @param tokens unit vectors [tokens, width]
 * @param isImage of each token
 * @returns 1 where there are no two tokens to compare, since such a part has no diversity
 */
export function likeness(tokens: Float32Array, isImage: readonly boolean[]): Likeness {
  const width = tokens.length / isImage.length;
  const sums = { image: 0, text: 0, between: 0 };
  const counts = { image: 0, text: 0, between: 0 };
  for (let i = 0; i < isImage.length; i++)
    for (let j = i + 1; j < isImage.length; j++) {
      const part = isImage[i] !== isImage[j] ? 'between' : isImage[i] ? 'image' : 'text';
      sums[part] += cosine(tokens, i, j, width);
      counts[part]++;
    }
  const mean = (part: keyof Likeness) => (counts[part] ? sums[part] / counts[part] : 1);
  return { image: mean('image'), text: mean('text'), between: mean('between') };
}

/** DAS's share of a block: how unlike its output tokens are. */
export const diversity = ({ image, text, between }: Likeness): number => 1 - image + (1 - text) + (1 - between);

/** The inner product of two rows. */
export function cosine(rows: Float32Array, i: number, j: number, width: number): number {
  let sum = 0;
  for (let at = 0; at < width; at++) sum += rows[i * width + at] * rows[j * width + at];
  return sum;
}
