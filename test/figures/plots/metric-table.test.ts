import { expect, it } from 'vitest';
import { retrievalTable } from '../../../src/figures/plots/metric-table.js';

it('says nothing of chance where there is none', () => {
  const metrics = { IoU: { value: 0.5, low: 0.4, high: 0.6 } };
  const { text, html } = retrievalTable([{ name: 'saliency', n: 60, metrics }]);
  expect(text).toContain('50.0 [40.0, 60.0]');
  expect(text + html).not.toContain('chance');
});

it('the retrieval table shows value, interval, chance and n of each row, and why a score is missing', () => {
  const { text, html } = retrievalTable([
    {
      name: 'MOON',
      n: 296,
      chance: { 'R@1': 1 / 81, MRR: 0.061 },
      metrics: { 'R@1': { value: 0.352, low: 0.302, high: 0.4021 }, MRR: { value: 0.46, low: 0.42, high: 0.5 } },
    },
    {
      name: 'text only',
      n: 80,
      chance: 0.5,
      metrics: { 'R@1': null },
      notes: ['photo queries\nhave no text', 'of val'],
    },
    { name: 'shuffled', n: 80, metrics: { 'R@1': null }, notes: ['of val'] },
  ]);
  expect(text).toBe(
    [
      'Retrieval',
      '                    n                           R@1 %                           MRR %',
      'MOON              296  35.2 [30.2, 40.2] (chance 1.2)  46.0 [42.0, 50.0] (chance 6.1)',
      'text only (1, 2)   80                               -                               -',
      'shuffled (2)       80                               -                               -',
      '(1) photo queries have no text',
      '(2) of val',
    ].join('\n'),
  );
  for (const shown of [
    '35.2 [30.2, 40.2]',
    'chance 1.2',
    '<td>296</td>',
    'chance 6.1',
    '<td>text only<sup>1, 2</sup></td>',
    '<li>photo queries',
  ]) {
    expect(html).toContain(shown);
  }
});
