import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { savedSteps } from '../../src/encoder/checkpoints.js';
import { startNetwork } from '../../src/encoder/start-network.js';
import { randomStream } from '../../src/engine/random.js';
import * as tf from '../../src/engine/tf.js';
import { writeFolderAtomic } from '../../src/store/atomic.js';
import { saveCheckpoint } from '../../src/train/run/checkpoint.js';
import { isRun, readManifest } from '../../src/train/run/manifest.js';
import { appendMetrics, readMetrics } from '../../src/train/run/metrics-file.js';
import { trainRun } from '../../src/train/run/train-run.js';
import type { StepRecord } from '../../src/train/step-record.js';
import { startState } from '../../src/train/train-state.js';
import { openTuning } from '../../src/train/tuning/tuning.js';
import { mountSmallDisk } from '../store/small-disk.js';
import { digits, shopOptions, shortConfig, shortShop } from './run/short-run.js';

const child = fileURLToPath(new URL('fault-child.js', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'moon-faults-'));
const KILLS = 12;
const config = { ...shortConfig, optimizer: { ...shortConfig.optimizer, steps: 40, accumulate: 1 } };
const last = (run: string, file: string) =>
  readFileSync(join(run, 'checkpoints', `step-${String(config.optimizer.steps).padStart(8, '0')}`, file));

/** One life of the run in `folder`; killed `delay` milliseconds after its first step where one is given. True when it ended by itself. */
function live(folder: string, delay?: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const resume = isRun(folder) ? '1' : '0';
    const started = spawn(process.execPath, [child, folder, JSON.stringify(config), JSON.stringify(shopOptions)], {
      env: { ...process.env, MOON_RESUME: resume, MOON_CACHE: join(root, 'cache') },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    started.stderr.on('data', (chunk) => {
      said += chunk;
    });
    started.stdout.once('data', () => {
      if (delay !== undefined) setTimeout(() => started.kill('SIGKILL'), delay);
    });
    started.on('exit', (code, signal) => {
      if (signal === 'SIGKILL') resolve(false);
      else if (code === 0) resolve(true);
      else reject(new Error(`the child ended with ${code}: ${said.slice(-2000)}`));
    });
  });
}

test(`a run killed at ${KILLS} random moments, checkpoints included, ends bit for bit as one that lived through`, async () => {
  const whole = join(root, 'whole');
  expect(await live(whole)).toBe(true);
  const records = readMetrics(whole);
  const pace = records.reduce((sum, { seconds }) => sum + seconds, 0) / records.length;
  const moments = randomStream(1, 'kills');
  let kills = 0;
  for (let attempt = 0; kills < KILLS; attempt++) {
    const run = join(root, `killed ${attempt}`);
    // A checkpoint is written after every step and takes as long as one: every other kill or so hits it.
    while (!(await live(run, kills < KILLS ? 4 * 1000 * pace * moments.uniform() : undefined))) kills++;
    expect(digits(run)).toEqual(digits(whole));
    for (const file of ['state.safetensors', 'model/model.safetensors', 'state.json'])
      expect(last(run, file).equals(last(whole, file)), `${run} ${file}`).toBe(true);
    rmSync(run, { recursive: true });
  }
}, 600_000);

test('a disk that is full during a checkpoint is a clear error, and the one before is whole', {
  tags: ['small-disk'],
}, () => {
  const { folder, remove } = mountSmallDisk('32m');
  const encoder = startNetwork(shortConfig, shortShop());
  const tuning = openTuning(encoder);
  const state = startState(encoder, tuning.start());
  try {
    saveCheckpoint(folder, { ...state, step: 1 }, encoder, { tuning });
    writeFileSync(join(folder, 'filler'), Buffer.alloc(64));
    let filled = 0;
    expect(() => {
      for (; filled < 400; filled++) {
        writeFileSync(join(folder, `filler ${filled}`), Buffer.alloc(100_000));
      }
    }).toThrow('ENOSPC');
    expect(() => saveCheckpoint(folder, { ...state, step: 2 }, encoder, { tuning })).toThrow(
      /step-00000002: cannot be written \(the disk is full\).*files saved before are intact/,
    );
    expect(savedSteps(folder)).toEqual([1]);
  } finally {
    remove();
    tf.dispose([encoder.parameters, state.tensors]);
  }
});

test('a write that fails for want of space leaves the folder of before', { tags: ['linux'] }, () => {
  const target = join(root, 'kept');
  writeFolderAtomic(target, (aside) => {
    writeFileSync(join(aside, 'state'), 'before');
  });
  expect(() =>
    writeFolderAtomic(target, (aside) => {
      writeFileSync(join(aside, 'model'), 'after');
      symlinkSync('/dev/full', join(aside, 'state'));
      writeFileSync(join(aside, 'state'), 'after');
    }),
  ).toThrow(/kept: cannot be written \(the disk is full\)/);
  expect(readdirSync(root).filter((name) => name.startsWith('kept'))).toEqual(['kept']);
  expect(readFileSync(join(target, 'state'), 'utf8')).toBe('before');
});

test('metrics that cannot be written name their file and the cause', { tags: ['linux'] }, () => {
  const run = join(root, 'full metrics');
  mkdirSync(run);
  symlinkSync('/dev/full', join(run, 'metrics.jsonl'));
  expect(() => appendMetrics(run, {} as StepRecord)).toThrow(/metrics.jsonl: cannot be written \(the disk is full\)/);
});

test('images that vanish are counted, named and replaced by others', async () => {
  const shop = shortShop();
  const [gone, iconic] = [shop.pairs.find(({ query }) => query.image && !query.text)!, shop.products[3]];
  const lost = (name: string) => ({ kind: 'file' as const, path: join(root, `${name}.png`) });
  const pairs = shop.pairs.map((pair) =>
    pair === gone
      ? { ...pair, query: { ...pair.query, image: { ...pair.query.image!, source: lost('photo') } } }
      : pair,
  );
  const products = shop.products.map((product) =>
    product === iconic ? { ...product, images: [{ ...product.images[0], source: lost('iconic') }] } : product,
  );
  const { pixels, records, encoder } = await trainRun(join(root, 'vanished'), shortConfig, {
    ...shop,
    pairs,
    products,
  });
  encoder.parameters.dispose();
  expect([...pixels.missing.keys()].sort()).toEqual([gone.query.image!.id, iconic.images[0].id].sort());
  expect(Object.keys(readManifest(join(root, 'vanished')).pictures!.missing)).toEqual([...pixels.missing.keys()]);
  expect(records.length).toBe(shortConfig.optimizer.steps);
});
