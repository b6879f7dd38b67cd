import { cosine, type Likeness } from './layer-ratios.js';

/** The output tokens of one sequence. */
export interface SequenceTokens {
  /** Unit vectors [tokens, width]. */
  units: Float32Array;
  /** How much each token is attended to. */
  attention: readonly number[];
}

/**
 * Choose tokens that stand for their sequence (AMIA, arXiv 2504.09897): the most attended to one, where near tokens share their attention, then
 * the next one, until the chosen ones are distributed as all are (maximum mean discrepancy with a Gaussian of sigma 1).
 * @param threshold times sqrt(1 - mean likeness) is the discrepancy at which the choice ends; 0 chooses all
 * @returns places in ascending order
 */
export function representativeTokens(
  { units, attention }: SequenceTokens,
  alike: Likeness,
  { neighbours, threshold }: { neighbours: number; threshold: number },
): number[] {
  const count = attention.length;
  const width = units.length / count;
  const cosines = Array.from({ length: count }, (_, i) =>
    Array.from({ length: count }, (_, j) => cosine(units, i, j, width)),
  );
  const nearest = cosines.map((row, i) =>
    [...row.keys()]
      .filter((j) => j !== i)
      .sort((a, b) => row[b] - row[a] || a - b)
      .slice(0, neighbours),
  );
  const weight = attention.map((own, i) =>
    nearest[i].reduce((sum, j) => sum + Math.exp(cosines[i][j] - 1) * attention[j], own),
  );
  const mean = (alike.image + alike.text + alike.between) / 3;
  const bound = threshold * Math.sqrt(Math.max(0, 1 - mean));
  const discrepancy = openDiscrepancy(cosines);
  const chosen: number[] = [];
  while (chosen.length < count) {
    const next = weight.indexOf(Math.max(...weight));
    chosen.push(next);
    if (discrepancy.add(next) < bound) break;
    const taken = Math.max(weight[next], 0);
    for (const j of nearest[next]) weight[j] -= Math.exp(-0.2 * (1 - cosines[next][j])) * taken;
    weight[next] = Math.min(...weight) - 1;
  }
  return chosen.sort((a, b) => a - b);
}

/** The squared discrepancy between all tokens and those that were added. Kernel exp(-|x - y|^2 / 2) = exp(cosine - 1) of unit vectors. */
function openDiscrepancy(cosines: readonly (readonly number[])[]): { add(token: number): number } {
  const kernel = (i: number, j: number) => Math.exp(cosines[i][j] - 1);
  const count = cosines.length;
  const toAll = cosines.map((row, i) => row.reduce((sum, _, j) => sum + kernel(i, j), 0) / count);
  const among = toAll.reduce((sum, value) => sum + value, 0) / count;
  const added: number[] = [];
  let [inner, across] = [0, 0];
  return {
    add(token) {
      for (const other of added) inner += 2 * kernel(token, other);
      inner += kernel(token, token);
      across += toAll[token];
      added.push(token);
      return among + inner / added.length ** 2 - (2 * across) / added.length;
    },
  };
}
