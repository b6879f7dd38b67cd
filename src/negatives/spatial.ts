/** Group of each of `count` rows: as equal as can be, rows of one group beside each other. */
export function groupRows(count: number, groups: number): Int32Array {
  return Int32Array.from({ length: count }, (_, row) => Math.floor((row * groups) / count));
}
