import type { RandomStream } from '../engine/random.js';

/** Which products are hard to tell from which. */
export interface HardCandidates {
  /** Product id -> ids to draw from; may contain the product itself and its duplicates, and is absent where there are no others. */
  of: ReadonlyMap<string, readonly string[]>;
  /** Products that had to go up in the category path to find another. */
  fellBack: { product: string; wanted: readonly string[]; used: readonly string[] }[];
  /** Ids of products that have no hard negative. */
  without: string[];
}

/** One sentence on what a catalogue's categories or embeddings could not give; empty when every product has a hard negative. */
export function describeHard({ of, fellBack, without }: HardCandidates): string {
  const some = (ids: string[]) => `${ids.slice(0, 3).join(', ')}${ids.length > 3 ? ' ...' : ''}`;
  const path = (names: readonly string[]) => names.join(' > ');
  const parts: string[] = [];
  if (fellBack.length) {
    const [{ product, wanted, used }] = fellBack;
    parts.push(
      `${fellBack.length} of ${of.size + without.length} products are alone in their category and draw hard negatives from a level above (${product}: ${path(used)} instead of ${path(wanted)})`,
    );
  }
  if (without.length) parts.push(`${without.length} have no hard negative (${some(without)})`);
  return parts.length ? `${parts.join('; ')}.` : '';
}

/** The hard negatives of a step. */
export interface DrawnHard {
  /** Products that have to be embedded besides what was bought. */
  added: string[];
  /**
   * For each bought product, the row of its hard negative in [bought, added]; -1 where it has none. A query's hard negative is
   * that of the row it bought.
   */
  hardOf: Int32Array;
}

/**
 * Draw one hard negative for each bought product, evenly among its candidates of other products. One that stands in the step
 * already is not added again.
 * @param numbers of all products, equal for duplicates (see `productNumbers`)
 */
export function drawHard(
  bought: readonly string[],
  candidates: HardCandidates,
  numbers: ReadonlyMap<string, number>,
  stream: RandomStream,
): DrawnHard {
  const rowOf = new Map(bought.map((id, row) => [id, row]));
  const added: string[] = [];
  const hardOf = Int32Array.from(bought, (id) => {
    const among = candidates.of.get(id);
    if (!among) return -1;
    // Candidates hold at least one other product, so this ends.
    let drawn = stream.pick(among);
    while (numbers.get(drawn) === numbers.get(id)) drawn = stream.pick(among);
    const known = rowOf.get(drawn);
    if (known !== undefined) return known;
    added.push(drawn);
    rowOf.set(drawn, bought.length + added.length - 1);
    return bought.length + added.length - 1;
  });
  return { added, hardOf };
}
