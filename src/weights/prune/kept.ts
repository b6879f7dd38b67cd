/** Which entries stay: the `count` with the largest scores. Among equal ones the first stay. */
export function keepHighest(scores: ArrayLike<number>, count: number): Uint8Array {
  const order = Uint32Array.from({ length: scores.length }, (_, at) => at).sort(
    (a, b) => scores[b] - scores[a] || a - b,
  );
  const kept = new Uint8Array(scores.length);
  for (const at of order.subarray(0, count)) kept[at] = 1;
  return kept;
}

/** The same row by row: each row keeps as many, and the first ones one more where the number does not divide. */
export function keepHighestByRow(scores: Float32Array, columns: number, count: number): Uint8Array {
  const rows = scores.length / columns;
  const each = Math.floor(count / rows);
  const more = count - each * rows;
  const kept = new Uint8Array(scores.length);
  for (let row = 0; row < rows; row++) {
    const own = scores.subarray(row * columns, (row + 1) * columns);
    kept.set(keepHighest(own, each + Number(row < more)), row * columns);
  }
  return kept;
}

/** The values that stay; exact zeros elsewhere. */
export const masked = (values: Float32Array, kept: Uint8Array): Float32Array =>
  values.map((value, at) => (kept[at] ? value : 0));
