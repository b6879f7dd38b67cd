import type { FinishedRow } from '../report/study-table.js';

/** A row of which nothing can be said, and why. */
export interface RefusedRow {
  row: string;
  why: string;
}

/** Settings that change what is scored and not what is trained. */
const scored = /^(average|vision\.mirrored$)/;

/**
 * Rows that were trained exactly as the base was, with every seed that both have: their change did nothing, so their difference would be a
 * null result that nobody measured. The first row is the base.
 */
export function refusedRows([base, ...rows]: readonly FinishedRow[]): RefusedRow[] {
  return rows.flatMap(({ name, difference, weights, results }) => {
    if (weights) return [];
    const pairs = [...results].flatMap(([seed, { training }]) => {
      const own = base.results.get(seed)?.training;
      return own && training ? [own === training] : [];
    });
    if (!pairs.length || pairs.includes(false) || difference.every(({ path }) => scored.test(path))) return [];
    const changed = difference.map(({ path }) => path).join(', ');
    return [{ row: name, why: `every loss is the base's to the bit, so ${changed} changed nothing of its training` }];
  });
}
