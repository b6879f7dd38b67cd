/** The known name with the smallest edit distance to `name`. */
export function nearestName(name: string, known: readonly string[]): string {
  return known.toSorted((a, b) => distance(name, a) - distance(name, b))[0];
}

/** Known names that differ from `name` by a third of its letters at most, the nearest first. */
export function nearNames(name: string, known: readonly string[]): string[] {
  const near = known.filter((each) => distance(name, each) <= Math.max(1, name.length / 3));
  return near.toSorted((a, b) => distance(name, a) - distance(name, b)).slice(0, 3);
}

/** Levenshtein distance, ignoring case. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(
        Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + Number(a[i - 1].toLowerCase() !== b[j - 1].toLowerCase())),
      );
    row = next;
  }
  return row[b.length];
}
