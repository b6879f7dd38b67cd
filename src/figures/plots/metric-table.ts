import type { Table } from '../figure.js';
import { escapeText } from '../page/escape.js';
import { alignColumns, oneLine } from './align-columns.js';

/** A metric as a fraction from 0 to 1, with its 95% interval. */
export interface Estimate {
  value: number;
  low: number;
  high: number;
}

/** One line of a table of metrics: the model, a control or another method. */
export interface MetricRow {
  name: string;
  /** Number of queries, or of whatever else was measured. */
  n: number;
  /** Score of random guessing as a fraction, by metric or as one number for all metrics. Absent if a control replaces it. */
  chance?: number | Record<string, number>;
  /** By metric; null if the metric is undefined for this row (a note says why). */
  metrics: Record<string, Estimate | null>;
  /** Footnotes. A note of several rows is printed once. */
  notes?: readonly string[];
}

/** A table of metrics in percent with 95% intervals, chance level and n. One line per model or control. */
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
