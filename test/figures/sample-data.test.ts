import { expect, test } from 'vitest';
import { retrievalTable } from '../../src/figures/plots/metric-table.js';
import { sampleData } from '../../src/figures/sample-data.js';
import { figures, pieces } from './samples.js';

test('every figure says on its face that its data are made up, and the one that was given is unchanged', () => {
  for (const [name, figure] of Object.entries(figures)) {
    const before = JSON.stringify(figure);
    const said = sampleData(figure);
    expect(said.layout.title?.subtitle?.text, name).toMatch(/^Made-up sample data/);
    expect({ ...said, layout: { ...said.layout, title: figure.layout.title } }).toEqual(figure);
    expect(JSON.stringify(figure)).toBe(before);
  }
});

test('so do tables and galleries', () => {
  const table = sampleData(retrievalTable([{ name: 'MOON', n: 3, metrics: {} }]));
  expect(table.text.split('\n')[0]).toBe('Made-up sample data');
  for (const html of [table.html, sampleData(pieces.gallery)]) expect(html).toContain('Made-up sample data');
});
