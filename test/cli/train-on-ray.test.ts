import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { MoonConfig } from '../../src/config/config.js';
import { readConfig } from '../../src/datasets/bases.js';
import { openCatalogue } from '../../src/datasets/open.js';
import { configureEngine } from '../../src/engine/settings.js';
import { followRun } from '../../src/train/run/follow-run.js';
import { readMetrics } from '../../src/train/run/metrics-file.js';
import { trainRun } from '../../src/train/run/train-run.js';
import type { StepRecord } from '../../src/train/step-record.js';
import { localExchanges } from '../cluster/local-exchange.js';
import { rayPython } from '../needs.js';
import { moonLab } from './moon-lab.js';
import { smallShop } from './small-shop.js';

const bin = resolve('src/setup/bin.js');

const settings = [
  'optimizer.steps=50',
  'optimizer.warmUpSteps=5',
  'sampler.products=6',
  'engine.compile=true',
  'network.depth=1',
  'network.visionDepth=1',
  'imageSize=16',
  'experts.count=3',
  'auxiliary.supervised=0',
  'auxiliary.labels=0',
];

/** Kill a worker of the run in this folder, once. @returns whether one was killed */
function killWorkerOf(run: string): boolean {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      if (!line.includes(run) || !line.includes('--as-worker')) continue;
      process.kill(Number(pid), 'SIGKILL');
      return true;
    } catch {
      // It ended meanwhile.
    }
  }
  return false;
}

/** What two runs have to the bit. */
const numbers = (records: readonly StepRecord[]) =>
  records.map(({ seconds: _, dataSeconds: __, waitSeconds: ___, ...rest }) => rest);

test('two workers on Ray, one killed on the way, have the numbers of two that were not, and the losses of one process', {
  tags: ['ray-torch', 'built'],
  timeout: 300_000,
}, async () => {
  configureEngine({ threads: 1 });
  const data = await smallShop();
  const root = mkdtempSync(join(tmpdir(), 'moon-workers-'));
  const at = (name: string) => join(root, name);
  const catalogue = await openCatalogue(data);
  const given = JSON.parse(readFileSync(join(data, 'config.json'), 'utf8')) as Record<string, unknown>;
  const config: MoonConfig = readConfig(given, [...settings, 'negatives.spatial.groups=2']);
  const alone = await trainRun(at('alone'), config, catalogue);
  const [first, second] = localExchanges(2);
  const [pair] = await Promise.all([
    trainRun(at('pair'), config, catalogue, { exchange: first }),
    followRun(at('pair'), config, catalogue, { exchange: second }),
  ]);
  for (const { encoder } of [alone, pair]) encoder.parameters.dispose();
  for (const [step, { loss }] of alone.records.entries())
    expect(Math.abs(pair.records[step].loss - loss)).toBeLessThan(1e-4);

  const run = at('ray');
  let killed = false;
  const watching = setInterval(() => {
    killed ||= readMetrics(run).length >= 20 && killWorkerOf(run);
  }, 20);
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...[bin, 'train', '--config', join(data, 'config.json'), '--data', data, '--split', 'test', '--out', run],
    ...settings.flatMap((each) => ['--set', each]),
    ...['--every', '5', '--on', 'ray', '--workers', '2', '--python', rayPython],
  ]).finally(() => clearInterval(watching));
  expect(killed).toBe(true);
  expect(stdout).toMatch(/worker \d \(.*\) was lost: killed by signal 9; all workers begin again from step \d+\n/);
  expect(stdout).toMatch(/2 workers: [\d.]+ items and queries a second in all; worker 0 waits \d+ % of the time/);
  expect(numbers(readMetrics(run))).toEqual(numbers(pair.records));
});

test('a Python without Ray, or a wish that contradicts another, is refused in a sentence', async () => {
  const refused = async (...args: string[]) => {
    const { code, err } = await moonLab('train', ...args);
    return [code, err.trim()];
  };
  expect(await refused('--on', 'ray', '--python', 'false', '--out', 'runs/none')).toEqual([
    1,
    'moon-lab train: --on ray: false failed (code 1): . Install Ray with false -m pip install ray torch, or choose another Python with --python.',
  ]);
  expect(await refused('--workers', '2')).toEqual([2, 'moon-lab train: --workers requires --on ray.']);
  expect(await refused('--on', 'ray', '--dry-run')).toEqual([
    2,
    'moon-lab train: --dry-run: contradicts --on ray; leave one of them out.',
  ]);
  expect(await refused('--on', 'ray', '--workers', '3', '--set', 'negatives.spatial.groups=2')).toEqual([
    1,
    'moon-lab train: --set negatives.spatial.groups=2: contradicts --workers 3, each of which is a group; leave one of them out.',
  ]);
});

test('a cluster that does not answer is said in a sentence, before anything is trained', {
  tags: ['ray-torch', 'built'],
  timeout: 120_000,
}, async () => {
  const place = createServer().listen(0, '127.0.0.1');
  await once(place, 'listening');
  const { port } = place.address() as AddressInfo;
  place.close();
  const out = join(mkdtempSync(join(tmpdir(), 'moon-workers-')), 'run');
  const { code, err } = await moonLab(
    ...['train', '--data', await smallShop(), '--on', 'ray', '--address', `127.0.0.1:${port}`],
    ...['--python', rayPython, '--out', out],
  );
  expect(code).toBe(1);
  expect(err).toContain(
    `moon-lab train: --address: nothing answers at 127.0.0.1:${port}; start a cluster there with ray start --head, or leave it out.`,
  );
  expect(existsSync(out)).toBe(false);
});
