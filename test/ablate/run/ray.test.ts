import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { withoutHard } from '../../../src/ablate/changes/removals.js';
import { runStudy } from '../../../src/ablate/run/run-study.js';
import type { TrialOutcome } from '../../../src/ablate/run/trial-messages.js';
import type { Study } from '../../../src/ablate/studies/study.js';
import { runOnRay } from '../../../src/cluster/ray.js';
import { rayPython as python } from '../../needs.js';
import { smallStudy } from '../small-study.js';

const entry = fileURLToPath(new URL('source-trial.js', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'moon-ray-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Ends when its standard input does, as a trial does; writes a line a life, and fails, waits or ends as its name says. */
const trial = join(root, 'trial.mjs');
writeFileSync(
  trial,
  `import { appendFileSync } from 'node:fs';
const folder = process.argv.at(-1);
appendFileSync(folder + '.log', process.pid + ' ' + process.env.MOON_THREADS + ' ' + process.ppid + '\\n');
process.stdin.on('end', () => process.exit(1)).resume();
const name = folder.split('/').at(-1);
if (name === 'bad') { console.error('a reason'); process.exit(1); }
setTimeout(() => process.exit(0), name === 'long' ? 4000 : 300);
`,
);

async function run(names: string[], onLine?: (name: string) => void): Promise<Map<string, TrialOutcome>> {
  const outcomes = new Map<string, TrialOutcome>();
  const watching =
    onLine &&
    setInterval(() => {
      for (const name of names) onLine(name);
    }, 100);
  const cluster = runOnRay([process.execPath, trial], 1, { python, cpus: 2 });
  await cluster(
    names.map((name) => join(root, name)),
    { onProgress: () => {}, onEnd: (folder, outcome) => void outcomes.set(folder.slice(root.length + 1), outcome) },
  );
  clearInterval(watching);
  return outcomes;
}

const lives = (name: string) => {
  try {
    return readFileSync(join(root, `${name}.log`), 'utf8')
      .trim()
      .split('\n');
  } catch {
    return [];
  }
};

describe('trials on a local Ray of two workers', { tags: ['ray'] }, () => {
  test('run each with its threads; one that fails is named; a worker killed on the way has its trial run again', async () => {
    let killed = 0;
    const outcomes = await run(['one', 'bad', 'long', 'two'], (name) => {
      const [line] = lives(name);
      if (name !== 'long' || killed || !line) return;
      killed = Number(line.split(' ')[2]);
      process.kill(killed, 'SIGKILL');
    });
    expect(killed).toBeGreaterThan(0);
    expect(outcomes.get('one')).toEqual({ kind: 'finished' });
    expect(outcomes.get('two')).toEqual({ kind: 'finished' });
    expect(outcomes.get('bad')).toMatchObject({ kind: 'failed', why: 'a reason' });
    expect(outcomes.get('long')).toEqual({ kind: 'finished' });
    expect(lives('long').length).toBeGreaterThan(1);
    expect(lives('one')[0].split(' ')[1]).toBe('1');
  });
});

describe('a study on a local Ray', { tags: ['ray'] }, () => {
  test('through the command line, a worker killed on the way, ends as one in this process; gone on with, nothing is started', async () => {
    const study: Study = { ...smallStudy, seeds: [1], changes: { withoutHard }, budget: { kind: 'items', steps: 20 } };
    const out = join(root, 'study');
    // Sources here, the build there: other code, and the same digits.
    const options = { out, allow: ['code'], draws: 200, flips: 200 };
    const on = { kind: 'ray', python, cpus: 2 } as const;
    let killed = 0;
    const watching = setInterval(() => {
      const [pid] = spawnSync('pgrep', ['-f', `ablate --trial ${out}`])
        .stdout.toString()
        .split('\n');
      const trials = join(out, 'trials');
      const trains =
        existsSync(trials) &&
        readdirSync(trials).some((name) => existsSync(join(trials, name, 'run', 'metrics.jsonl')));
      if (killed || !pid || !trains) return;
      killed = Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')[3]);
      process.kill(killed, 'SIGKILL');
    }, 20);
    const made = await runStudy(study, { ...options, on });
    clearInterval(watching);
    expect(killed).toBeGreaterThan(1);
    expect(made.failed).toEqual([]);
    expect(made.unfinished).toEqual([]);
    const here = await runStudy(study, {
      ...options,
      out: join(root, 'here'),
      on: { kind: 'processes', workers: 1, threads: 1, entry },
    });
    const metrics = (run: typeof made) => run.tables[0].rows.map((row) => row.metrics);
    expect(metrics(made)).toEqual(metrics(here));
    const again = await runStudy(study, { ...options, on: { ...on, python: join(root, 'no python') } });
    expect(again.unfinished).toEqual([]);
  }, 600_000);
});

test('without Ray the remedy is told', async () => {
  const empty = join(root, 'python');
  writeFileSync(empty, '#!/bin/sh\necho "No module named ray" >&2\nexit 1\n', { mode: 0o755 });
  const cluster = runOnRay(['node'], 1, { python: empty });
  await expect(cluster([root], { onProgress: () => {}, onEnd: () => {} })).rejects.toThrow(/pip install ray/);
});
