/** What one process of several that train together exchanges with the others. */
export interface Exchange {
  /** Number of this process, from 0. */
  rank: number;
  /** Number of processes. */
  world: number;
  /**
   * The sum of the processes' numbers, the same bits in each. Every process calls it equally often, with equally many numbers, in the same
   * order. Where each fills in a part of its own and leaves the rest 0, the sum holds all parts.
   * @throws UserError if another process is gone
   */
  sum(values: Float32Array): Promise<Float32Array>;
}

/** The rows of a process: from `start` up to `end`. */
export interface Share {
  start: number;
  end: number;
}

/** The share of `count` rows of a process: consecutive rows, nearly as many in each. As the groups of `groupRows`. */
export function shareOf(count: number, { rank, world }: Pick<Exchange, 'rank' | 'world'>): Share {
  const from = (process: number) => Math.ceil((process * count) / world);
  return { start: from(rank), end: from(rank + 1) };
}

/** The text of every process, by rank. */
export async function gatherTexts(exchange: Exchange, text: string): Promise<string[]> {
  const { rank, world } = exchange;
  const own = Buffer.from(text);
  const lengths = await exchange.sum(placed(world, rank, [own.length]));
  const longest = Math.max(...lengths);
  const all = await exchange.sum(placed(world * longest, rank * longest, own));
  return Array.from(lengths, (length, at) =>
    Buffer.from(Uint8Array.from(all.subarray(at * longest, at * longest + length))).toString(),
  );
}

function placed(count: number, start: number, values: ArrayLike<number>): Float32Array {
  const all = new Float32Array(count);
  all.set(values, start);
  return all;
}
