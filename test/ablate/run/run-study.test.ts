import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withoutHard } from '../../../src/ablate/changes/removals.js';
import { compareStudies, comparisonText } from '../../../src/ablate/report/compare-studies.js';
import { studyCsv, studyJson, studyLatex, studyMarkdown } from '../../../src/ablate/report/export-table.js';
import { writeTables } from '../../../src/ablate/report/study-page.js';
import { studyText } from '../../../src/ablate/report/study-text.js';
import { runStudy, type StudyOptions, type StudyRun } from '../../../src/ablate/run/run-study.js';
import { runTrialIn } from '../../../src/ablate/run/run-trial.js';
import { readStudyResult } from '../../../src/ablate/run/study-result.js';
import { readTrial } from '../../../src/ablate/run/trial.js';
import type { Study } from '../../../src/ablate/studies/study.js';
import { generateShop } from '../../../src/datasets/shop/shop.js';
import { retrieval } from '../../../src/evaluate/retrieval.js';
import { trainRun } from '../../../src/train/run/train-run.js';
import { smallTable } from '../../cli/small-table.js';
import { shopOptions } from '../../train/run/short-run.js';
import { smallStudy } from '../small-study.js';

const root = mkdtempSync(join(tmpdir(), 'moon-study-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const quick = { draws: 200, flips: 200 };

/** Run a study here and keep what was said of its trials. */
async function run(study: Study, options: StudyOptions): Promise<StudyRun & { ends: string[] }> {
  const ends: string[] = [];
  const made = await runStudy(study, {
    on: { kind: 'here' },
    ...quick,
    ...options,
    onEnd: ({ row, seed }, { kind }) => ends.push(`${row} ${seed} ${kind}`),
  });
  return { ...made, ends };
}

test('a study whose rows show images is refused where none was found, before its folder is made', async () => {
  const out = join(root, 'without-images');
  const data = { kind: 'folder', path: await smallTable(() => 'none') } as const;
  const told: string[] = [];
  await expect(
    runStudy(
      { ...smallStudy, data, split: 'test', tasks: ['retrieval.text'] },
      {
        out,
        on: { kind: 'here' },
        onFound: ({ images }) => told.push(`${images.found} found, ${images.missing} missing`),
      },
    ),
  ).rejects.toThrow(/^data: none of the 10 images was found in /);
  expect(told).toEqual(['0 found, 10 missing']);
  expect(existsSync(out)).toBe(false);
});

describe('a study in this process', () => {
  const out = join(root, 'here');
  let first: Awaited<ReturnType<typeof run>>;
  beforeAll(async () => {
    first = await run(smallStudy, { out });
  });

  test('runs every trial, and a row is what the same config gives without a study', async () => {
    expect(first.failed).toEqual([]);
    expect(first.unfinished).toEqual([]);
    expect(first.ends).toEqual(
      [1, 2].flatMap((seed) => ['base', 'withoutRegions', 'withoutTemporal'].map((row) => `${row} ${seed} finished`)),
    );
    const [{ rows, metric }] = first.tables;
    expect(metric).toBe('MRR');
    const { config } = first.study.rows[1];
    const catalogue = generateShop(shopOptions);
    const scores = [];
    for (const seed of [1, 2]) {
      const { encoder, pixels } = await trainRun(join(root, `plain-${seed}`), { ...config, seed }, catalogue);
      scores.push((await retrieval(encoder, catalogue, pixels, { split: 'val' })).metrics.MRR.value);
      encoder.parameters.dispose();
    }
    expect(rows[1].metrics.MRR.value).toBeCloseTo((scores[0] + scores[1]) / 2, 6);
    expect(rows[1].difference.MRR.value).toBeCloseTo(rows[1].metrics.MRR.value - rows[0].metrics.MRR.value, 10);
  });

  test('JSON of the rows as documented', () => {
    const { rows } = studyJson(first);
    for (const row of rows)
      expect(Object.keys(row)).toEqual(['name', 'diff', 'metrics', 'difference', 'n', 'seeds', 'cost']);
    const [base, other] = JSON.parse(JSON.stringify(rows));
    expect(base).toMatchObject({ name: 'base', diff: [], difference: {}, n: 10, seeds: [1, 2] });
    expect(Object.keys(other.metrics.MRR)).toEqual(['value', 'low', 'high']);
    expect(Object.keys(other.difference.MRR)).toEqual(['value', 'low', 'high', 'p']);
    expect(other.diff[0]).toEqual({ path: 'region.kind', from: 'centre', to: 'none' });
  });

  test('the cost stands beside the quality: a token meets fewer parameters than there are, and fewer pictures cost less', () => {
    const [base, regions] = first.tables[0].rows.map(({ cost }) => cost);
    expect(base.activeParameters).toBeLessThan(base.parameters);
    expect(regions.parameters).toBe(base.parameters);
    // Half of the pictures and their tokens are gone; in scenes as small as these, text is most of what is read.
    expect(regions.flops).toBeLessThan(0.9 * base.flops);
    expect(base.seconds).toBeGreaterThan(0);
  });

  test('finished trials are never run again; a row and a seed more are added', async () => {
    const before = timesOf(out);
    const again = await run(smallStudy, { out });
    expect(again.ends.every((end) => end.endsWith(' found'))).toBe(true);
    expect(again.tables).toEqual(first.tables);
    expect(timesOf(out)).toEqual(before);
    const wider = {
      ...smallStudy,
      changes: { ...smallStudy.changes, withoutHard } as Study['changes'],
      seeds: [1, 2, 3],
    };
    const more = await run(wider, { out });
    expect(more.ends.filter((end) => end.endsWith('finished'))).toHaveLength(4 * 3 - 6);
    expect(more.tables[0].rows.map(({ name, seeds }) => [name, seeds.length])).toEqual([
      ['base', 3],
      ['withoutRegions', 3],
      ['withoutTemporal', 3],
      ['withoutHard', 3],
    ]);
    expect(more.tables[0].rows[1].metrics).not.toEqual(first.tables[0].rows[1].metrics);
  });

  test('a study of an earlier version is read, its files renamed, and its trials found', async () => {
    const older = join(root, 'older names');
    cpSync(out, older, { recursive: true });
    renameSync(join(older, 'trials'), join(older, 'cells'));
    const names = readdirSync(join(older, 'cells')).filter((name) =>
      existsSync(join(older, 'cells', name, 'trial.json')),
    );
    const files = ['study.json', ...names.map((name) => join('cells', name, 'cell.json'))];
    for (const name of names)
      renameSync(join(older, 'cells', name, 'trial.json'), join(older, 'cells', name, 'cell.json'));
    for (const file of files.map((each) => join(older, each))) {
      const text = readFileSync(file, 'utf8');
      expect(text).toContain('"provenance": {');
      const before = text.replace('"provenance": {', '"ground": {').replaceAll('"trials', '"cells');
      writeFileSync(file, before);
    }
    expect(readStudyResult(older, quick).tables).toEqual(readStudyResult(out, quick).tables);
    const again = await run(smallStudy, { out: older });
    expect(again.ends.every((end) => end.endsWith(' found'))).toBe(true);
    // The names of trials hash their parts in this order.
    const { provenance } = readTrial(join(older, again.study.trials[0].folder));
    expect(Object.keys(provenance)).toEqual(['data', 'code', 'backend', 'tensorflow', 'threads', 'config']);
  });

  test('the table is made again from the folder, and compared with another study', () => {
    const result = readStudyResult(out, quick);
    expect(result.tables[0].rows).toHaveLength(4);
    const comparison = compareStudies(result, first);
    expect(comparison).toMatchObject({ sameData: true, sameQueries: true, alone: [['withoutHard'], []] });
    expect(comparison.rows.map(({ name }) => name)).toEqual(['base', 'withoutRegions', 'withoutTemporal']);
    expect(comparisonText(comparison)).toContain('only in');
  });

  test('exports say the same numbers', () => {
    const result = readStudyResult(out, quick);
    writeTables(result);
    for (const name of ['table.json', 'table.csv', 'table.md', 'table.tex', 'table.txt', 'study.html'])
      expect(statSync(join(out, name)).size, name).toBeGreaterThan(100);
    const { value } = result.tables[0].rows[1].metrics.MRR;
    const percent = (100 * value).toFixed(1);
    const csv = studyCsv(result).split('\n');
    const line = csv.find((each) => each.startsWith('retrieval.image,withoutRegions,MRR,'));
    expect(Number(line?.split(',')[3])).toBe(value);
    for (const text of [studyMarkdown(result), studyLatex(result), studyText(result)]) expect(text).toContain(percent);
    const lines = studyMarkdown(result).trim().split('\n');
    expect(new Set(lines.map((each) => each.match(/(?<!\\)\|/g)?.length)).size).toBe(1);
    expect(studyLatex(result)).not.toMatch(/(?<!\\)[#$_]/);
    expect(studyLatex(result)).toContain('region.kind: centre -\\textgreater{} none');
  });

  test('what was found of the data is said first where it is less than they name', () => {
    const { found } = first.study;
    expect(found).toMatchObject({ products: { all: 40 }, images: { missing: 0 } });
    expect(studyText(first)).toMatch(/^small on shop/);
    const half = { ...found!, images: { found: 20, missing: 20, unreadable: 0 } };
    expect(studyText({ ...first, study: { ...first.study, found: half } })).toMatch(
      /^products: 40; .*\nimages: 20 found, 20 missing.*\nqueries: .*\nsmall on shop/,
    );
  });

  test('a folder of other data is refused before anything trains', async () => {
    const other: Study = { ...smallStudy, data: { kind: 'shop', options: { ...shopOptions, seed: 7 } } };
    const trials = readdirSync(join(out, 'trials'));
    await expect(run(other, { out })).rejects.toThrow(/holds study 'small' of other data .* Choose another --out/);
    expect(readdirSync(join(out, 'trials'))).toEqual(trials);
  });

  test('trials of other code are made anew beside the old ones, or taken where that is allowed', async () => {
    const [trial] = readdirSync(join(out, 'trials')).filter((name) => name.startsWith('base-1-'));
    const file = join(out, 'trials', trial, 'trial.json');
    const own = readFileSync(file, 'utf8');
    const spec = JSON.parse(own);
    writeFileSync(file, JSON.stringify({ ...spec, provenance: { ...spec.provenance, code: 'older' } }));
    const moved = join(root, 'older');
    cpSync(out, moved, { recursive: true });
    // Under the name of its own provenance, as a trial of older code would be.
    renameSync(join(moved, 'trials', trial), join(moved, 'trials', 'base-1-0123456789ab'));
    const study = { ...smallStudy, changes: { withoutHard } as Study['changes'], seeds: [1] };
    expect((await run(study, { out: moved, allow: ['code'] })).ends).toEqual(['base 1 found', 'withoutHard 1 found']);
    expect((await run(study, { out: moved })).ends).toEqual(['withoutHard 1 found', 'base 1 finished']);
    writeFileSync(file, own);
  });
});

test('a trial of another provenance than it is filed under is not trained', async () => {
  const out = join(root, 'provenance');
  const study: Study = { ...smallStudy, seeds: [1], changes: { withoutHard }, budget: { kind: 'items', steps: 2 } };
  await run(study, { out });
  const [name] = readdirSync(join(out, 'trials')).filter((trial) => trial.startsWith('base-'));
  const trial = join(out, 'trials', name);
  const spec = JSON.parse(readFileSync(join(trial, 'trial.json'), 'utf8'));
  writeFileSync(join(trial, 'trial.json'), JSON.stringify({ ...spec, provenance: { ...spec.provenance, threads: 7 } }));
  await expect(runTrialIn(trial)).rejects.toThrow(
    /provenance in its folder: threads differs \(7 then, \d+ now\)\. .* --allow threads/,
  );
});

/** When every result of a study was written. */
function timesOf(out: string): number[] {
  return (readdirSync(out, { recursive: true }) as string[])
    .filter((name) => name.includes('result-'))
    .sort()
    .map((name) => statSync(join(out, name)).mtimeMs);
}

describe('in processes', () => {
  const entry = fileURLToPath(new URL('source-trial.js', import.meta.url));
  const study: Study = { ...smallStudy, seeds: [1], changes: { withoutHard }, budget: { kind: 'items', steps: 30 } };

  test('stopped on the way and resumed, a study ends as one that never stopped; a process that dies is one trial', async () => {
    const on = { kind: 'processes', workers: 2, entry } as const;
    const out = join(root, 'stopped');
    const controller = new AbortController();
    const stopped = await run(study, {
      out,
      on,
      signal: controller.signal,
      onProgress: (_, { label, done }) => {
        if (label === 'training' && done >= 3) controller.abort();
      },
    });
    expect(stopped.unfinished.length).toBeGreaterThan(0);
    expect(stopped.failed).toEqual([]);
    const gone = await run(study, { out, on });
    expect(gone.unfinished).toEqual([]);
    const whole = await run(study, { out: join(root, 'whole'), on });
    expect(gone.tables[0].rows.map(({ metrics }) => metrics)).toEqual(
      whole.tables[0].rows.map(({ metrics }) => metrics),
    );
    expect(whole.tables[0].rows[0].cost.memory).toBeGreaterThan(50e6);
    expect(whole.study.provenance.threads).toBeGreaterThan(0);
  }, 300_000);

  test('a trial that fails is named, and the rest go on', async () => {
    const out = join(root, 'failing');
    // The file is no detector, which shows when it is opened.
    const model = join(root, 'no-detector.onnx');
    writeFileSync(model, 'x');
    const changes: Study['changes'] = {
      broken: (base) => ({ ...base, region: { kind: 'detector', model } }),
      withoutHard,
    };
    const made = await run({ ...study, changes, budget: { kind: 'items', steps: 2 } }, { out });
    expect(made.failed).toMatchObject([{ row: 'broken', seed: 1 }]);
    expect(made.failed[0].why).toContain('no-detector.onnx');
    expect(made.tables[0].rows.map(({ name }) => name)).toEqual(['base', 'withoutHard']);
    expect(studyText(made)).toContain('Not finished: broken seed 1');
    expect(existsSync(join(out, 'study.json'))).toBe(true);
  });
});
