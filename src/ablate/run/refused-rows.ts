import type { FinishedRow } from '../report/study-table.js';

/** A row that is excluded from the tables, and why. */
export interface RefusedRow {
  row: string;
  why: string;
}

/** Settings that change which weights are evaluated, but not training. */
const evaluationOnly = /^(average|vision\.mirrored$)/;

/**
 * Rows whose training was identical to that of the base for every seed that both have. Their change had no effect, so a difference of zero
 * would be a spurious null result. The first row is the base.
 */
export function refusedRows([base, ...rows]: readonly FinishedRow[]): RefusedRow[] {
  return rows.flatMap(({ name, difference, weights, merge, from, results }) => {
    if (weights || merge || from !== undefined) return [];
    const pairs = [...results].flatMap(([seed, { training }]) => {
      const own = base.results.get(seed)?.training;
      return own && training ? [own === training] : [];
    });
    if (!pairs.length || pairs.includes(false) || difference.every(({ path }) => evaluationOnly.test(path))) return [];
    const changed = difference.map(({ path }) => path).join(', ');
    return [
      { row: name, why: `every loss equals that of the base bit for bit, so ${changed} had no effect on training` },
    ];
  });
}
