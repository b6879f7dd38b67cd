import type { Table } from '../figure.js';
import { escapeText } from '../page/escape.js';
import { alignColumns } from './align-columns.js';
import type { Estimate } from './metric-table.js';

/** A row of an ablation: the base or a change of it. Scores and differences are fractions. */
export interface AblationRow {
  name: string;
  /** Number of queries and of seeds. */
  n: number;
  seeds: number;
  score: Estimate;
  /** Difference from the base, paired by query and seed; absent for the base itself. */
  difference?: Estimate;
  /** p-value of the difference, after Holm's correction over all rows. */
  p?: number;
  note?: string;
}

export interface AblationTableOptions {
  caption?: string;
  metric?: string;
  /** Score of random guessing, as a fraction. */
  chance?: number;
  /** The smallest difference that the study could detect, as a fraction. */
  detectable?: number;
}

/** The effect of each change on one metric: score, difference from the base, 95% intervals and p-value. One line per row. */
export function ablationTable(rows: AblationRow[], options: AblationTableOptions = {}): Table {
  const { caption = 'Ablation', metric = 'MRR', chance, detectable } = options;
  const facts = [
    '95% interval in brackets',
    ...(chance === undefined ? [] : [`chance ${percent(chance)}`]),
    ...(detectable === undefined ? [] : [`smallest detectable difference: ${percent(detectable)} points`]),
  ].join('; ');
  const head = ['', 'n', 'seeds', `${metric} %`, 'difference (points)', 'p (Holm)'];
  const cells = rows.map(({ name, n, seeds, score, difference, p }) => [
    name,
    `${n}`,
    `${seeds}`,
    interval(score, percent),
    difference ? interval(difference, signed) : 'base',
    p === undefined ? '-' : p < 0.001 ? '< 0.001' : p.toFixed(3),
  ]);
  const notes = rows.map(({ note }) => note ?? '');
  const noted = notes.some(Boolean);
  const html = [
    `<div class="moon"><table><caption>${escapeText(caption)}<small>${escapeText(facts)}</small></caption>`,
    `<thead><tr>${head.map((text) => `<th>${escapeText(text)}</th>`).join('')}${noted ? '<th class="note">note</th>' : ''}</tr></thead><tbody>`,
    ...cells.map(
      (row, at) =>
        `<tr>${row.map((text) => `<td>${escapeText(text)}</td>`).join('')}${noted ? `<td class="note">${escapeText(notes[at])}</td>` : ''}</tr>`,
    ),
    '</tbody></table></div>',
  ].join('\n');
  const lines = noted ? [[...head, 'note'], ...cells.map((row, at) => [...row, notes[at]])] : [head, ...cells];
  return { html, text: [caption, ...alignColumns(lines), facts].join('\n') };
}

function interval({ value, low, high }: Estimate, shown: (fraction: number) => string): string {
  return `${shown(value)} [${shown(low)}, ${shown(high)}]`;
}

function percent(fraction: number): string {
  return (100 * fraction).toFixed(1);
}

function signed(fraction: number): string {
  return `${fraction < 0 ? '-' : '+'}${percent(Math.abs(fraction))}`;
}
