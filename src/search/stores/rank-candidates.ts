/** A row that may be among the nearest, and its similarity. */
export interface Ranked {
  row: number;
  similarity: number;
}

/**
 * The `k` most similar of some rows of `vectors` [rows, width] to a query [width], most similar first. All stores rank with this function, so
 * that their similarities are equal to the last digit. Of equal ones the row whose id sorts first comes first; of several rows of one id the
 * best counts.
 * @param most the largest number of rows that share an id
 */
export function rankCandidates(
  query: Float32Array,
  candidates: Iterable<number>,
  { ids, vectors, most = 1 }: { ids: readonly string[]; vectors: Float32Array; most?: number },
  k: number,
): Ranked[] {
  const width = query.length;
  const own = Math.sqrt(dot(query, 0, query, 0, width));
  const max = k * most;
  const best: Ranked[] = [];
  for (const row of candidates) {
    const from = row * width;
    const similarity =
      dot(query, 0, vectors, from, width) / (own * Math.sqrt(dot(vectors, from, vectors, from, width)));
    if (best.length === max && similarity < best[max - 1].similarity) continue;
    let at = best.length;
    while (at > 0 && isBehind(best[at - 1], similarity, ids[row], ids)) at--;
    if (at === max) continue;
    best.splice(at, 0, { row, similarity });
    if (best.length > max) best.pop();
  }
  if (most === 1) return best;
  const seen = new Set<string>();
  return best.filter(({ row }) => !seen.has(ids[row]) && seen.add(ids[row])).slice(0, k);
}

const isBehind = (one: Ranked, similarity: number, id: string, ids: readonly string[]) =>
  one.similarity < similarity || (one.similarity === similarity && id < ids[one.row]);

/** In double precision; four sums, since one would wait for itself. */
function dot(one: Float32Array, from: number, other: Float32Array, start: number, width: number): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  let at = 0;
  for (; at + 3 < width; at += 4) {
    a += one[from + at] * other[start + at];
    b += one[from + at + 1] * other[start + at + 1];
    c += one[from + at + 2] * other[start + at + 2];
    d += one[from + at + 3] * other[start + at + 3];
  }
  for (; at < width; at++) a += one[from + at] * other[start + at];
  return a + b + (c + d);
}
