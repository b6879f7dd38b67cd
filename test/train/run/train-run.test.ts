import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { findCheckpoint, loadEncoder, savedSteps } from '../../../src/encoder/checkpoints.js';
import { countLeaks } from '../../../src/engine/memory.js';
import type * as tf from '../../../src/engine/tf.js';
import { readState } from '../../../src/train/run/checkpoint.js';
import { provenanceOf, readManifest, writeManifest } from '../../../src/train/run/manifest.js';
import { readMetrics } from '../../../src/train/run/metrics-file.js';
import { provenanceDifference } from '../../../src/train/run/provenance.js';
import { trainRun } from '../../../src/train/run/train-run.js';
import { digits, shortConfig, shortShop } from './short-run.js';

const root = mkdtempSync(join(tmpdir(), 'moon-run-'));
const shop = shortShop();
const whole = join(root, 'whole');
/** The config as JSON holds it: without what tells a notebook how to show it. */
const plain = JSON.parse(JSON.stringify(shortConfig));
const at = (run: string, step: number) => join(run, 'checkpoints', `step-${String(step).padStart(8, '0')}`);
const bytes = (run: string, step: number, file: string) => readFileSync(join(at(run, step), file));

beforeAll(async () => {
  process.env.MOON_CACHE = join(root, 'cache');
  await trainRun(whole, shortConfig, shop, { every: 2, keep: 9 });
}, 120_000);

const bytesOf = (tensor: tf.Tensor) => {
  const { buffer, byteOffset, byteLength } = tensor.dataSync();
  return Buffer.from(buffer, byteOffset, byteLength);
};

/** A run that was aborted in the middle of step `steps`. */
async function stopped(name: string, steps: number): Promise<string> {
  const run = join(root, name);
  const controller = new AbortController();
  await trainRun(run, shortConfig, shop, {
    every: 2,
    keep: 9,
    signal: controller.signal,
    onStep: ({ step }) => {
      if (step === steps) controller.abort();
    },
  });
  return run;
}

describe('a run', () => {
  test('is a folder with a manifest, a record of every step, and checkpoints', () => {
    const { status, config, engine, data, versions, pictures } = readManifest(whole);
    expect(status).toBe('finished');
    expect(config).toEqual(plain);
    expect(engine.threads).toBeGreaterThan(0);
    expect(data.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(versions.node).toBe(process.version);
    // One region a drawn picture: 40 products, and the photos of their queries.
    expect(pictures?.missing).toEqual({});
    expect(pictures?.regions).toMatchObject({
      fallbacks: { missing: 0, absurd: 0, tiny: 0 },
      upsampled: expect.any(Number),
    });
    expect(pictures?.regions.regions).toBeGreaterThan(40);
    expect(readMetrics(whole).map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(savedSteps(whole)).toEqual([2, 4, 6, 8]);
    expect(readdirSync(whole).filter((name) => /part|lock/.test(name))).toEqual([]);
  });

  test('records the flags of TensorFlow and no other variable of the environment; one that did is cleaned', async () => {
    const secrets = { TF_TOKEN_app_terraform_io: 'secret-1', TF_VAR_password: 'secret-2', XLA_TOKEN: 'secret-3' };
    Object.assign(process.env, secrets);
    try {
      const run = await stopped('environment', 2);
      const text = () => readFileSync(join(run, 'manifest.json'), 'utf8');
      expect(text()).not.toContain('secret');
      const manifest = readManifest(run);
      expect(manifest.flags.TF_ENABLE_ONEDNN_OPTS).toBe('1');
      // The engine sets its flags when it starts, which may be after a manifest was begun.
      const before = provenanceOf({ ...manifest, flags: {} });
      expect(provenanceDifference(before, provenanceOf(manifest))).toBeUndefined();
      // As it was written when every variable with such a beginning was recorded; others have other values now.
      const others = { TF_TOKEN_app_terraform_io: 'secret-4', TF_CPP_MIN_LOG_LEVEL: '3', TF_NUM_INTRAOP_THREADS: '9' };
      writeManifest(run, { ...manifest, flags: { ...others, ...manifest.flags } });
      expect(text()).toContain('secret');
      expect(readManifest(run).flags).toEqual(manifest.flags);
      await trainRun(run, shortConfig, shop, { resume: true, every: 2, keep: 9 });
      expect(text()).not.toContain('secret');
      expect(digits(run)).toEqual(digits(whole));
    } finally {
      for (const name of Object.keys(secrets)) delete process.env[name];
    }
  });

  test('stopped and resumed gives the bytes and the metrics of the one that never stopped', async () => {
    const run = await stopped('stopped', 3);
    expect(savedSteps(run)).toEqual([2, 3]);
    await trainRun(run, shortConfig, shop, { resume: true, every: 2, keep: 9 });
    expect(digits(run)).toEqual(digits(whole));
    for (const file of ['state.safetensors', 'model/model.safetensors', 'state.json'])
      expect(bytes(run, 8, file).equals(bytes(whole, 8, file)), file).toBe(true);
  });

  test('keeps the last checkpoints and the best on dev', async () => {
    const run = join(root, 'kept');
    const scores = [1, 3, 2, 2];
    await trainRun(run, shortConfig, shop, { every: 2, keep: 1, score: async () => scores.shift()! });
    expect(savedSteps(run)).toEqual([4, 8]);
    expect(findCheckpoint(run, 'best')).toBe(at(run, 4));
  });

  test('stopped after a scored checkpoint and between two, it keeps the best of the one that never stopped', async () => {
    const scoreOf = (step: number) => [0, 0, 1, 9, 3, 9, 2, 9, 2][step];
    let step = 0;
    const scored = (controller?: AbortController, last?: number) => ({
      every: 2,
      keep: 1,
      signal: controller?.signal,
      // Steps are told before their state is scored.
      onStep: (record: { step: number }) => {
        step = record.step;
        if (step === last) controller!.abort();
      },
      score: async () => scoreOf(step),
    });
    const never = join(root, 'never stopped');
    await trainRun(never, shortConfig, shop, scored());
    const run = join(root, 'often stopped');
    for (const last of [4, 5]) {
      await trainRun(run, shortConfig, shop, { ...scored(new AbortController(), last), resume: last > 4 });
      // As if it had been killed between the checkpoint and the note of its score.
      rmSync(join(run, 'best.json'), { force: true });
      rmSync(join(run, 'checksums.json'));
    }
    await trainRun(run, shortConfig, shop, { ...scored(), resume: true });
    expect(findCheckpoint(run, 'best').endsWith('step-00000004')).toBe(true);
    for (const file of ['best.json', 'checkpoints/step-00000008/state.json'])
      expect(readFileSync(join(run, file), 'utf8')).toBe(readFileSync(join(never, file), 'utf8'));
  }, 120_000);

  test('gives its network back as it was, and leaves no tensor', async () => {
    const { leaked } = await countLeaks(() => {
      const state = readState(findCheckpoint(whole, 'last'));
      const { parameters, config } = loadEncoder(whole);
      expect(config).toEqual(plain);
      expect(bytesOf(parameters).equals(bytesOf(state.tensors.average))).toBe(true);
      parameters.dispose();
      for (const tensor of Object.values(state.tensors)) tensor.dispose();
    });
    expect(leaked).toBe(0);
  });
});

test('a run that breaks names the step, its queries and the last good checkpoint', async () => {
  const run = join(root, 'broken');
  const config = { ...shortConfig, optimizer: { ...shortConfig.optimizer, rate: 1e30, warmUpSteps: 0 } };
  const { leaked } = await countLeaks(async () => {
    await expect(trainRun(run, config, shop, { every: 1 })).rejects.toThrow(
      /^Step 2: the (loss|gradient's norm) is .* Its queries were .* from before this step\. .* The last good checkpoint is of step 1\.$/,
    );
  });
  expect(leaked).toBe(0);
  expect(savedSteps(run)).toEqual([1]);
});

describe('refused', () => {
  test('a wrong config, before anything is written', async () => {
    const run = join(root, 'wrong');
    const config = { ...shortConfig, regoin: { kind: 'none' } } as typeof shortConfig;
    await expect(trainRun(run, config, shop)).rejects.toThrow(/^regoin: is unknown .*did you mean region\?$/);
    expect(existsSync(run)).toBe(false);
  });

  test('a second run into one folder', async () => {
    await expect(trainRun(whole, shortConfig, shop)).rejects.toThrow('already contains a run');
    writeFileSync(join(whole, 'lock'), String(process.ppid));
    await expect(trainRun(whole, shortConfig, shop, { resume: true })).rejects.toThrow('is writing to this folder');
    rmSync(join(whole, 'lock'));
  });

  test('going on with another config, other data or another engine, unless allowed by name', async () => {
    const run = await stopped('other', 3);
    const other = { ...shortConfig, balance: 0.02 };
    await expect(trainRun(run, other, shop, { resume: true })).rejects.toThrow(/config differs.*--allow config/);
    const fewer = { ...shop, products: shop.products.slice(1) };
    await expect(trainRun(run, shortConfig, fewer, { resume: true })).rejects.toThrow(/data differs/);
    const manifest = readManifest(run);
    writeManifest(run, {
      ...manifest,
      engine: { ...manifest.engine, threads: 64 },
      flags: { ...manifest.flags, TF_SET_ONEDNN_FPMATH_MODE: 'bf16' },
    });
    await expect(trainRun(run, shortConfig, shop, { resume: true })).rejects.toThrow(/threads differs \(64 then/);
    await expect(trainRun(run, shortConfig, shop, { resume: true, allow: ['threads'] })).rejects.toThrow(
      'The run cannot resume bit for bit: TF_SET_ONEDNN_FPMATH_MODE differs ("bf16" then, not set now). Restore it, or accept different results with --allow flags.',
    );
    await trainRun(run, shortConfig, shop, { resume: true, allow: ['threads', 'flags'] });
    expect(readManifest(run)).toMatchObject({ status: 'finished', flags: manifest.flags });
    await expect(trainRun(run, shortConfig, shop, { resume: true, allow: ['thread'] })).rejects.toThrow(
      /--allow: got "thread", expected config \| data \| backend/,
    );
  });

  test('a damaged list of checksums is a damaged checkpoint too', async () => {
    const run = await stopped('damaged-list', 5);
    writeFileSync(join(at(run, 5), 'checkpoint.json'), '{"state');
    expect(() => findCheckpoint(run, 5)).toThrow('checkpoint.json is damaged');
    expect(findCheckpoint(run, 'last', () => {})).toBe(at(run, 4));
  });

  test('a damaged checkpoint, by name; the one before is used', async () => {
    const run = await stopped('damaged', 5);
    const file = join(at(run, 5), 'state.safetensors');
    const content = readFileSync(file);
    content[content.length - 3] ^= 1;
    writeFileSync(file, content);
    expect(() => findCheckpoint(run, 5)).toThrow('state.safetensors has changed since it was saved');
    const said: string[] = [];
    expect(findCheckpoint(run, 'last', (message) => said.push(message))).toBe(at(run, 4));
    expect(said[0]).toContain('step-00000005: state.safetensors');
    await trainRun(run, shortConfig, shop, { resume: true, every: 2, keep: 9 });
    expect(savedSteps(run)).toEqual([2, 4, 6, 8]);
    expect(digits(run)).toEqual(digits(whole));
    expect(bytes(run, 8, 'state.safetensors').equals(bytes(whole, 8, 'state.safetensors'))).toBe(true);
  });

  test('a changed manifest, or metrics that are not what was saved', async () => {
    const run = await stopped('changed', 3);
    const metrics = readFileSync(join(run, 'metrics.jsonl'), 'utf8');
    writeFileSync(join(run, 'metrics.jsonl'), metrics.replace('1', '2'));
    await expect(trainRun(run, shortConfig, shop, { resume: true })).rejects.toThrow(
      /metrics.jsonl: has changed since it was/,
    );
    const manifest = readFileSync(join(run, 'manifest.json'), 'utf8');
    writeFileSync(join(run, 'manifest.json'), manifest.replace('stopped', 'running'));
    expect(() => readManifest(run)).toThrow(/manifest.json: has changed since it was saved/);
  });

  test('a distance between checkpoints that is none', async () => {
    const run = join(root, 'never');
    await expect(trainRun(run, shortConfig, shop, { every: 0 })).rejects.toThrow(/every: got 0, expected an integer/);
    expect(existsSync(run)).toBe(false);
  });

  test('a folder that is no run', () => {
    expect(() => readManifest(root)).toThrow('is not a run folder');
    expect(existsSync(join(root, 'manifest.json'))).toBe(false);
  });
});
