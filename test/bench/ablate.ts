import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { shopBase } from '../../src/ablate/dose-studies.js';
import { withoutGuidance, withoutHard, withoutRegions } from '../../src/ablate/removals.js';
import { runStudy } from '../../src/ablate/run-study.js';
import type { Study } from '../../src/ablate/study.js';
import { openStudyData } from '../../src/ablate/study-data.js';
import { readMetrics } from '../../src/train/run/metrics-file.js';
import { trainRun } from '../../src/train/run/train-run.js';
import type { Bench, BenchRow } from './table.js';

const STEPS = 100;

/** Eight cells: four rows, two seeds, of a few seconds each. */
const study: Study = {
  name: 'bench',
  base: { ...shopBase, draw: { ...shopBase.draw, products: 24 } },
  changes: { withoutRegions, withoutGuidance, withoutHard },
  seeds: [1, 2],
  data: {
    kind: 'shop',
    options: { products: 400, imageSize: 40, views: 1, trainQueries: 800, evaluationQueries: 100 },
  },
  budget: { kind: 'items', steps: STEPS },
  split: 'dev',
  tasks: ['retrieval.image'],
};

/** What a study costs over plain training, and what a second worker gives: run with `moon-lab bench`, after a build. */
export const rows: Bench = async () => {
  const root = mkdtempSync(join(tmpdir(), 'moon-bench-'));
  const cores = availableParallelism();
  const entry = join(import.meta.dirname, '../../dist/ablate/cell-process.js');
  const timed = async (name: string, workers: number, some: Partial<Study> = {}) => {
    const out = join(root, name);
    const started = performance.now();
    const run = await runStudy(
      { ...study, ...some },
      { out, on: { kind: 'processes', workers, threads: Math.max(1, Math.floor(cores / workers)), entry } },
    );
    if (run.failed.length) throw new Error(run.failed[0].why);
    return { seconds: (performance.now() - started) / 1000, out, run };
  };
  try {
    // Graphs are recorded once, by whoever comes first: neither side pays for it.
    await timed('warm', 1, { seeds: [9] });
    await timed('warm two', cores, { seeds: [9] });
    const one = await timed('one', 1);
    const two = await timed('two', cores);
    const single = await timed('single', 1, { seeds: [3], changes: { withoutRegions } });
    const { row, seed } = single.run.study.cells[0];
    const catalogue = await openStudyData(study.data);
    const plain = join(root, 'plain');
    const config = { ...single.run.study.rows.find(({ name }) => name === row)!.config, seed };
    const started = performance.now();
    const { trained } = await trainRun(plain, config, catalogue);
    const alone = (performance.now() - started) / 1000;
    trained.parameters.dispose();
    const steps = readMetrics(plain).reduce((sum, { seconds }) => sum + seconds, 0);
    const line = (name: string, ours: number, unit: string, rival: number | null = null): BenchRow => {
      return { name, ours, rival, ratio: rival === null ? null : ours / rival, unit };
    };
    return [
      line(
        `a cell of ${STEPS} steps, process to result, beside training alone here`,
        single.seconds / 2,
        's (less is better)',
        alone,
      ),
      line('of that, steps', steps, 's'),
      line(
        `8 cells, ${cores} workers beside one with ${cores} threads`,
        two.seconds,
        's (less is better)',
        one.seconds,
      ),
    ];
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
};
