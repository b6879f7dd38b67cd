import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { withoutGuidance, withoutHard, withoutRegions } from '../../src/ablate/changes/removals.js';
import type { Study } from '../../src/ablate/studies/study.js';
import { shop as shopBase } from '../../src/datasets/shop/recipes.js';
import { median } from './rival.js';
import type { Bench, BenchRow } from './table.js';

const STEPS = 100;

/** Eight trials: four rows, two seeds, of a few seconds each. */
const study: Study = {
  name: 'bench',
  base: { ...shopBase, sampler: { ...shopBase.sampler, products: 24 } },
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

/**
 * What a study costs over plain training, and what a second worker gives: run with `moon-lab bench`, after a build. Sides take turns.
 */
export const rows: Bench = async ({ built }) => {
  // Cells run the build, and a study takes no results of other code than its own.
  const { runStudy } = await built<typeof import('../../src/ablate/run/run-study.js')>('ablate/run-study.js');
  const { openStudyData } =
    await built<typeof import('../../src/ablate/studies/study-data.js')>('ablate/study-data.js');
  const { trainRun } = await built<typeof import('../../src/train/run/train-run.js')>('train/run/train-run.js');
  const root = mkdtempSync(join(tmpdir(), 'moon-bench-'));
  const cores = availableParallelism();
  const timed = async (name: string, workers: number, some: Partial<Study> = {}) => {
    const out = join(root, name);
    const started = performance.now();
    const run = await runStudy(
      { ...study, ...some },
      { out, on: { kind: 'processes', workers, threads: Math.max(1, Math.floor(cores / workers)) } },
    );
    if (run.failed.length) throw new Error(run.failed[0].why);
    return { seconds: (performance.now() - started) / 1000, out, run };
  };
  /** The base alone, in a study and without one, with the pictures that an earlier trial has drawn. */
  const oneCell = async (seed: number) => {
    const { seconds, out, run } = await timed('single', 1, { seeds: [seed], changes: {} });
    const catalogue = await openStudyData(study.data);
    const started = performance.now();
    const { encoder } = await trainRun(join(root, `plain ${seed}`), { ...run.study.rows[0].config, seed }, catalogue, {
      drawings: join(out, 'pictures'),
    });
    encoder.parameters.dispose();
    return { trial: seconds, plain: (performance.now() - started) / 1000 };
  };
  const line = (name: string, ours: number, unit: string, rival: number | null = null): BenchRow => {
    return { name, ours, rival, ratio: rival === null ? null : ours / rival, unit };
  };
  try {
    // Graphs are recorded once, by whoever comes first: neither side pays for it.
    await timed('warm', 1, { seeds: [9] });
    await timed('warm two', cores, { seeds: [9] });
    await oneCell(9);
    const trials = [await oneCell(3), await oneCell(4), await oneCell(5)];
    const two = [(await timed('two', cores)).seconds];
    const one = [(await timed('one', 1)).seconds, (await timed('one again', 1)).seconds];
    two.push((await timed('two again', cores)).seconds);
    const [trial, plain] = [median(trials.map((each) => each.trial)), median(trials.map((each) => each.plain))];
    return [
      line(
        `a trial of ${STEPS} steps, process to result, beside training alone here`,
        trial,
        's (less is better)',
        plain,
      ),
      line('of that, over training: process, engine and measuring', trial - plain, 's (less is better)'),
      line(`8 trials, ${cores} workers beside one with ${cores} threads`, mean(two), 's (less is better)', mean(one)),
    ];
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
};

const mean = (values: readonly number[]) => values.reduce((sum, each) => sum + each, 0) / values.length;
