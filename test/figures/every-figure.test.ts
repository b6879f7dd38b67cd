import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { Figure } from '../../src/figures/figure.js';
import { describeFigure } from '../../src/figures/page/describe-figure.js';
import { escapeText } from '../../src/figures/page/escape.js';
import { figures, pieces } from './samples.js';

const folder = new URL('../../src/figures/', import.meta.url);

/** Functions of the figures' files that give a figure, a table or a gallery. */
function makers(): string[] {
  const files = readdirSync(folder, { recursive: true }) as string[];
  return files
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => {
      const text = readFileSync(new URL(file, folder), 'utf8');
      return [...text.matchAll(/^export function (\w+)\((?:[^{]|\{[^}]*\})*?\): (?:Figure|Table|string) \{/gm)].map(
        ([, name]) => name,
      );
    });
}

it('every figure, table and gallery has a sample with hostile text', () => {
  const sampled = readFileSync(new URL('samples.ts', import.meta.url), 'utf8');
  const helpers = [
    'escapeText',
    'escapeLines',
    'escapeJson',
    'showsWhole',
    'rankText',
    'describeFigure',
    'figureLoader',
    'figureHtml',
    'reportPage',
    'productCard',
    'resultCards',
    'countRange',
    'groupTraces',
    'titled',
  ];
  const missing = makers().filter((name) => !helpers.includes(name) && !sampled.includes(`${name}(`));
  expect(makers().length).toBeGreaterThan(20);
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
