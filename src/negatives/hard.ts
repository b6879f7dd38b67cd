import type { RandomStream } from '../engine/random.js';

/** Candidates for hard negatives of each product. */
export interface HardCandidates {
  /** Product id -> candidate ids. May contain the product itself and its duplicates; has no entry for a product without candidates. */
  of: ReadonlyMap<string, readonly string[]>;
  /** Products that are alone in their category and use a higher level of the category path. */
  fellBack: { product: string; wanted: readonly string[]; used: readonly string[] }[];
  /** Ids of products without a hard negative. */
  without: string[];
}

/** One sentence on the products whose hard negatives come from a higher category level or are missing; empty if there are none. */
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
  /** Products to embed in addition to the bought ones. */
  added: string[];
  /**
   * For each bought product, the row of its hard negative in [bought, added], or -1. A query's hard negative is that of the product it
   * bought.
   */
  hardOf: Int32Array;
}

/**
 * Draw one hard negative for each bought product, uniformly among its candidates with another product number. A product that is already in
 * the step is not added again.
 * @param numbers product number of every product, equal for duplicates (see `productNumbers`)
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
    // Terminates, because the candidates include at least one other product.
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
