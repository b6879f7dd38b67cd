/** Assign `count` rows to `groups` consecutive groups of nearly equal size. */
export function groupRows(count: number, groups: number): Int32Array {
  return Int32Array.from({ length: count }, (_, row) => Math.floor((row * groups) / count));
}
