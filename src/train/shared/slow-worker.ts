/** A worker counts as slow if it computes this many times as long as the median of the others, for this many updates in a row. */
const FACTOR = 1.5;
const UPDATES = 10;

/**
 * Watch how long each worker computes in an update, without what it waits for the others.
 * @returns a function of the seconds of each worker, which returns the workers that have just become slow. Each is named once
 */
export function slowWatch(): (seconds: readonly number[]) => number[] {
  const inARow = new Map<number, number>();
  return (seconds) =>
    seconds.flatMap((own, worker) => {
      const others = median(seconds.filter((_, at) => at !== worker));
      const count = own > FACTOR * others ? (inARow.get(worker) ?? 0) + 1 : 0;
      inARow.set(worker, count);
      return count === UPDATES ? worker : [];
    });
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  return (sorted[Math.ceil(half) - 1] + sorted[Math.floor(half)]) / 2;
}
