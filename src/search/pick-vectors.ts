/** Some rows of vectors [count * width], in the order of `rows`: [rows.length * width]. */
export function pickVectors(vectors: Float32Array, width: number, rows: readonly number[]): Float32Array {
  const picked = new Float32Array(rows.length * width);
  rows.forEach((row, at) => void picked.set(vectors.subarray(row * width, (row + 1) * width), at * width));
  return picked;
}
