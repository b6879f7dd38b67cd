import type { Table } from '../figure.js';
import { escapeText } from '../page/escape.js';
import { alignColumns, oneLine } from './align-columns.js';

/** A metric as a fraction from 0 to 1 with its 95% interval. */
export interface Estimate {
  value: number;
  low: number;
  high: number;
}

/** One line of a retrieval table: the model, a control or a rival. */
export interface MetricRow {
  name: string;
  /** Queries, or whatever else was measured one by one. */
  n: number;
  /** What guessing scores, by metric, as a fraction; for one number all metrics share it. Left out where a control stands for it. */
  chance?: number | Record<string, number>;
  /** By metric; null where the metric has no meaning for this row (a note says why). */
  metrics: Record<string, Estimate | null>;
  /** Footnotes; one that several rows share is printed once. */
  notes?: readonly string[];
}

/** Retrieval scores in percent with 95% intervals, chance level and n beside each: a line a model or control. */
export function retrievalTable(rows: MetricRow[], caption = 'Retrieval'): Table {
  const metrics = [...new Set(rows.flatMap((row) => Object.keys(row.metrics)))];
  const notes = [...new Set(rows.flatMap((row) => row.notes ?? []))];
  const head = ['', 'n', ...metrics.map((metric) => `${metric} %`)];
  const lines = rows.map((row) => ({
    name: row.name,
    n: String(row.n),
    cells: metrics.map((metric) => cell(row, metric)),
    marks: (row.notes ?? []).map((note) => notes.indexOf(note) + 1).join(', '),
  }));
  const html = [
    `<div class="moon"><table><caption>${escapeText(caption)}<small>95% interval in brackets${lines.some(({ cells }) => cells.some(({ chance }) => chance)) ? '; the second line is chance' : ''}</small></caption>`,
    `<thead><tr>${head.map((text) => `<th>${escapeText(text)}</th>`).join('')}</tr></thead><tbody>`,
    ...lines.map(
      ({ name, n, cells, marks }) =>
        `<tr><td>${escapeText(name)}${marks && `<sup>${marks}</sup>`}</td><td>${n}</td>${cells
          .map(
            ({ score, interval, chance }) =>
              `<td class="score">${score} ${interval}${chance && `<small>${chance}</small>`}</td>`,
          )
          .join('')}</tr>`,
    ),
    '</tbody></table>',
    ...(notes.length ? [`<ol class="notes">${notes.map((note) => `<li>${escapeText(note)}</li>`).join('')}</ol>`] : []),
    '</div>',
  ].join('\n');
  const texts = lines.map(({ name, n, cells, marks }) => [
    marks ? `${name} (${marks})` : name,
    n,
    ...cells.map(({ score, interval, chance }) => [score, interval, chance && `(${chance})`].filter(Boolean).join(' ')),
  ]);
  const below = notes.map((note, at) => `(${at + 1}) ${oneLine(note)}`);
  return { html, text: [caption, ...alignColumns([head, ...texts]), ...below].join('\n') };
}

function cell(row: MetricRow, metric: string): { score: string; interval: string; chance: string } {
  const estimate = row.metrics[metric];
  if (!estimate) return { score: '-', interval: '', chance: '' };
  const chance = typeof row.chance === 'number' ? row.chance : row.chance?.[metric];
  return {
    score: percent(estimate.value),
    interval: `[${percent(estimate.low)}, ${percent(estimate.high)}]`,
    chance: chance === undefined ? '' : `chance ${percent(chance)}`,
  };
}

function percent(fraction: number): string {
  return (100 * fraction).toFixed(1);
}
