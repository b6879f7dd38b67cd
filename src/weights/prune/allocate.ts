/**
 * How many weights each matrix keeps. Each keeps at least its part at the largest sparsity, `sparsity` + `reach`; the rest is shared in proportion
 * to `shares`, whatever the sizes, and nothing keeps more than it has (DAS, arXiv 2504.09897).
 * @param sizes numbers of weights
 * @param shares not negative, one for each matrix
 * @returns integers whose sum is that of the network, rounded
 */
export function allocate(
  sizes: readonly number[],
  shares: readonly number[],
  sparsity: number,
  reach: number,
): number[] {
  const highest = Math.min(1, sparsity + reach);
  const kept = sizes.map((size) => size * (1 - highest));
  let rest = (1 - sparsity) * sum(sizes) - sum(kept);
  let open = sizes.map((_, at) => at);
  while (rest > 1e-9 && open.length) {
    const total = sum(open.map((at) => shares[at]));
    const given = open.map((at) =>
      Math.min(sizes[at] - kept[at], total > 0 ? (rest * shares[at]) / total : rest / open.length),
    );
    for (const [place, at] of open.entries()) kept[at] += given[place];
    rest -= sum(given);
    open = open.filter((at) => sizes[at] - kept[at] > 1e-9);
  }
  return integers(kept);
}

/** How many weights each matrix keeps at a sparsity of its own. */
export const keptAt = (sizes: readonly number[], sparsities: readonly number[]): number[] =>
  integers(sizes.map((size, at) => size * (1 - sparsities[at])));

/** Rounded so that the sum is the rounded sum: the largest remainders are rounded up. */
export function integers(numbers: readonly number[]): number[] {
  const down = numbers.map((value) => Math.floor(value + 1e-9));
  const missing = Math.round(sum(numbers)) - sum(down);
  const order = [...numbers.keys()].sort((a, b) => numbers[b] - down[b] - (numbers[a] - down[a]) || a - b);
  for (const at of order.slice(0, missing)) down[at]++;
  return down;
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
