import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { publishedStudy } from '../../../src/ablate/report/published-study.js';
import { readyStudies } from '../../../src/ablate/studies/ready-studies.js';

test('the published study of the paper has the rows of the ready one, and its table says the numbers of its file', () => {
  const { table, text, command } = publishedStudy('paper')!;
  const { rows, findings, metric } = JSON.parse(readFileSync('notebooks/results/paper.json', 'utf8'));
  expect(rows.map(({ name }: { name: string }) => name)).toEqual(['base', ...Object.keys(readyStudies.paper.changes)]);
  for (const row of rows) expect(table.text).toContain((100 * row.metrics[metric].value).toFixed(1));
  for (const finding of findings) expect(text).toContain(`${finding.name}: ${metric} ${finding.words}.`);
  expect(command).toBe('npx moon-lab ablate --study paper');
  expect(publishedStudy('none')).toBeUndefined();
});

test('no file of the published results names a folder of the machine that made it', () => {
  for (const name of [
    'paper',
    'dose-clutter',
    'dose-near-identical',
    'dose-attributes',
    'prune',
    'merge',
    'merge-lora',
    'merge-steps',
    'compose',
    'relations',
    'first-stage',
    'notellm2',
    'instances',
    'completion',
    'summary',
    'graphs',
    'precision',
  ])
    expect(readFileSync(`notebooks/results/${name}.json`, 'utf8')).not.toMatch(/"\/(?:tmp|home|root|work|Users)\b/);
});
