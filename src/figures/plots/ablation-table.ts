import type { Table } from '../figure.js';
import { escapeText } from '../page/escape.js';
import { alignColumns } from './align-columns.js';
import type { Estimate } from './metric-table.js';

/** A row of an ablation: the base, or a change of it. Shares from 0 to 1. */
export interface AblationRow {
  name: string;
  /** Queries, and seeds that each was measured with. */
  n: number;
  seeds: number;
  score: Estimate;
  /** From the base, paired by query and seed; left out for the base itself. */
  difference?: Estimate;
  /** Of the difference, after Holm's correction over all rows. */
  p?: number;
  note?: string;
}

export interface AblationTableOptions {
  caption?: string;
  metric?: string;
  /** What guessing scores, as a fraction. */
  chance?: number;
  /** The smallest difference that the study could have seen, as a fraction. */
  detectable?: number;
}

/** What each change does to one metric: score, difference from the base, interval and p, a line a row. */
export function ablationTable(rows: AblationRow[], options: AblationTableOptions = {}): Table {
  const { caption = 'Ablation', metric = 'MRR', chance, detectable } = options;
  const facts = [
    '95% interval in brackets',
    ...(chance === undefined ? [] : [`chance ${percent(chance)}`]),
    ...(detectable === undefined ? [] : [`smallest difference that could be seen: ${percent(detectable)} points`]),
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
