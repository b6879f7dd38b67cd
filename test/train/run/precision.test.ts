import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readyStudies } from '../../../src/ablate/studies/ready-studies.js';
import { planRows } from '../../../src/ablate/studies/study.js';
import type { MoonConfig } from '../../../src/config/config.js';
import { compile } from '../../../src/engine/compile/compile.js';
import * as tf from '../../../src/engine/tf.js';
import { readManifest } from '../../../src/train/run/manifest.js';
import { trainRun } from '../../../src/train/run/train-run.js';
import { digits, shortConfig, shortShop } from './short-run.js';

const folder = mkdtempSync(join(tmpdir(), 'moon-precision-'));
afterAll(() => rm(folder, { recursive: true }));

const shop = shortShop();
type Precision = NonNullable<MoonConfig['engine']['precision']>;
const plain: MoonConfig = { ...shortConfig, captioning: { kind: 'none' } };
const configOf = (precision: Precision): MoonConfig => ({ ...plain, engine: { compile: true, precision } });

async function runOf(name: string, config: MoonConfig, options: { resume?: boolean; signal?: AbortSignal } = {}) {
  const { encoder } = await trainRun(join(folder, name), config, shop, options);
  const weights = Float32Array.from(encoder.parameters.dataSync());
  encoder.parameters.dispose();
  return weights;
}

test('a run in bfloat16 differs from one in float32 by rounding, and repeats itself bit for bit when it resumes', async () => {
  const [full, half] = [await runOf('full', configOf('float32')), await runOf('half', configOf('bfloat16'))];
  expect(half).not.toEqual(full);
  const [first, own] = ['full', 'half'].map((name) => digits(join(folder, name)));
  own.forEach(({ loss }, at) => {
    expect(Math.abs(loss - first[at].loss)).toBeLessThan(0.05 * first[at].loss);
  });
  const stop = new AbortController();
  await trainRun(join(folder, 'parts'), configOf('bfloat16'), shop, {
    signal: stop.signal,
    onStep: ({ step }) => {
      if (step === 5) stop.abort();
    },
  }).then(({ encoder }) => encoder.parameters.dispose());
  expect(await runOf('parts', configOf('bfloat16'), { resume: true })).toEqual(half);
});

test('auto is decided once: the run keeps what was measured when it began', async () => {
  const run = join(folder, 'auto');
  await runOf('auto', configOf('auto'));
  const { precision } = readManifest(run).config.engine;
  expect(['float32', 'bfloat16']).toContain(precision);
  expect(digits(run)).toEqual(digits(join(folder, precision === 'float32' ? 'full' : 'half')));
  await runOf('auto', configOf('auto'), { resume: true });
  const other = precision === 'float32' ? 'bfloat16' : 'float32';
  await expect(runOf('auto', configOf(other), { resume: true })).rejects.toThrow('config differs');
});

test('where nothing can be computed in bfloat16, it is refused in one sentence', async () => {
  const uncompiled = { ...plain, engine: { compile: false, precision: 'bfloat16' as const } };
  await expect(runOf('uncompiled', uncompiled)).rejects.toThrow(
    'engine.precision: got "bfloat16", expected \'float32\'. With engine.compile false nothing is computed in it.',
  );
  await expect(runOf('micro', { ...configOf('bfloat16'), microBatch: 2 })).rejects.toThrow(
    'A step of more than microBatch 2 sequences is not compiled.',
  );
  expect(() => planRows({ ...readyStudies.paper, base: { ...readyStudies.paper.base, ...configOf('auto') } })).toThrow(
    'Trials are compared, and each would measure.',
  );
  const square = compile(({ x }) => ({ y: tf.square(x) }), { name: 'square', precision: 'bfloat16' });
  await import('@tensorflow/tfjs-backend-cpu');
  await tf.setBackend('cpu');
  try {
    expect(() => square({ x: tf.ones([2]) }, null)).toThrow('bfloat16 is of the native engine, and this is cpu.');
  } finally {
    await tf.setBackend('tensorflow');
  }
});
