import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import * as door from '../../src/door/figures.js';
import type { Figure } from '../../src/figures/figure.js';
import { describeFigure } from '../../src/figures/page/describe-figure.js';
import { escapeText } from '../../src/figures/page/escape.js';
import { figures, pieces } from './samples.js';

/** What makes pages of figures, with tests of its own (page.test.ts, report.test.ts). */
const ofPages = ['reportPage', 'writePage', 'sampleData'];

it('every figure, table and gallery that the door shows has a sample with hostile text', () => {
  const sampled = readFileSync(new URL('samples.ts', import.meta.url), 'utf8');
  const shown = Object.entries(door).flatMap(([name, each]) => (typeof each === 'function' ? name : []));
  const missing = shown.filter((name) => !ofPages.includes(name) && !sampled.includes(`${name}(`));
  expect(shown.length).toBeGreaterThan(20);
  expect(missing).toEqual([]);
});

it.each(Object.entries(figures))('%s: no text of it can be read as a tag, and it says n', (_, figure) => {
  for (const text of texts(figure)) expect(text.replace(/<\/?[bi]>|<br>|<extra><\/extra>/g, '')).not.toContain('<');
  expect(JSON.stringify(figure)).toContain(JSON.stringify(escapeText('<script>alert(1)</script>')).slice(1, -1));
  expect(describeFigure(figure)).toMatch(/n = \d/);
});

it.each(Object.entries(figures))('%s: every axis with numbers is named', (_, { data, layout }) => {
  if (data.some(({ type }) => type === 'sunburst')) return;
  const { scene } = layout;
  for (const axis of scene ? [scene.xaxis, scene.yaxis, scene.zaxis] : [layout.xaxis, layout.yaxis])
    expect(Boolean(axis?.title?.text || axis?.ticktext)).toBe(true);
});

it.each(Object.entries(pieces))('%s: hostile text is not markup', (_, html) => {
  expect(html).not.toMatch(/<script|<b>|<img src=x/);
  expect(html).toContain(escapeText('<script>alert(1)</script>'));
});

/** Every text that plotly would read; ids, addresses of pictures and what the page writes as plain text are not drawn by it. */
function texts(value: unknown, key = ''): string[] {
  if (['ids', 'parents', 'thumbnails', 'source', 'views', 'search'].includes(key)) return [];
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap((one) => texts(one, key));
  return typeof value === 'object' && value
    ? Object.entries(value as Figure).flatMap(([name, one]) => texts(one, name))
    : [];
}
