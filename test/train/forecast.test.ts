import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect, promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { withSettings } from '../../src/config/check-config.js';
import type { MoonConfig } from '../../src/config/config.js';
import { generateShop } from '../../src/datasets/shop/shop.js';
import { describeNetwork, startNetwork } from '../../src/encoder/start-network.js';
import { blocksOf, withBlocks } from '../../src/train/forecast/blocks.js';
import { type Forecast, forecast, requireFit } from '../../src/train/forecast/forecast.js';
import { openTuning } from '../../src/train/tuning/tuning.js';
import { smallShop } from '../cli/small-shop.js';
import { shopOptions, shortConfig } from './run/short-run.js';

const entry = fileURLToPath(new URL('source-probe.js', import.meta.url));
const shop = generateShop(shopOptions);
const folder = join('test', 'fixtures', 'qwen3-vl-folder');
/** Three blocks, one of them with experts, behind a tower of three. */
const config: MoonConfig = {
  ...withSettings(shortConfig, { network: { from: folder }, imageSize: 16 }),
  attention: 'causal',
  experts: { kind: 'guided', count: 4, topK: 1, blocks: [1] },
  tune: { kind: 'lora', rank: 2, targets: ['q_proj', 'gate_up_proj'] },
  engine: { compile: true, checkpoint: true },
};

test('a network is described with its blocks by kind, and shortened to fewer', () => {
  const { model } = describeNetwork(config, shop);
  expect(blocksOf(model)).toEqual({ dense: 2, expert: 1, vision: 3 });
  const short = withBlocks(config, model, { dense: 1, expert: 1, vision: 2 });
  expect(blocksOf(short.model)).toEqual({ dense: 1, expert: 1, vision: 2 });
  expect(short.config.experts).toMatchObject({ blocks: [1] });
  expect(blocksOf(withBlocks(config, model, { dense: 1, expert: 0, vision: 1 }).model)).toEqual({
    dense: 1,
    expert: 0,
    vision: 1,
  });
});

describe('a forecast', () => {
  let said: Forecast;
  beforeAll(async () => {
    said = await forecast(config, shop, { entry, available: 1e6 });
  }, 240_000);

  test('counts the numbers of the whole network, which it never built', () => {
    const encoder = startNetwork(config, shop);
    const tuning = openTuning(encoder);
    const trained = tuning.layout.sizes.reduce((sum, size) => sum + size, 0);
    // The bottom of the tower that deepstack reads is counted at its own block.
    expect(said.trained).toBe(trained);
    expect(Math.abs(said.frozen + trained - encoder.parameters.size) / encoder.parameters.size).toBeLessThan(0.05);
    tuning.dispose();
    encoder.parameters.dispose();
  });

  test('says time and memory, and refuses what does not fit', () => {
    expect(said).toMatchObject({ steps: 8, fits: false, remedies: [] });
    expect(said.seconds).toBeCloseTo(8 * said.secondsPerStep);
    expect(said.secondsPerStep).toBeGreaterThan(0);
    // A process with an engine has at least this.
    expect(said.memory).toBeGreaterThan(2e8);
    expect(inspect(said)).toMatch(/^Forecast: [\d,]+ parameters trained, [\d,]+ frozen\n {2}.* s a step/);
    expect(() => requireFit(said)).toThrow(/This run would take .* GB at its peak, and this machine has 0\.0 GB left/);
  });

  test('names the settings with which a run would fit', () => {
    const remedies = [
      { setting: 'engine.checkpoint=true', memory: 3e9 },
      { setting: 'network.blocks=6', memory: 2e9 },
    ];
    expect(() => requireFit({ ...said, memory: 9e9, available: 4e9, remedies })).toThrow(
      'It would fit with --set engine.checkpoint=true (3.0 GB), or --set network.blocks=6 (2.0 GB).',
    );
    requireFit({ ...said, fits: true });
  });
});

test('train and ablate --dry-run forecast and write nothing', { tags: ['built'], timeout: 120_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'moon-dry-'));
  const out = join(folder, 'run');
  const moonLab = (...given: string[]) =>
    promisify(execFile)(process.execPath, [join('src', 'setup', 'bin.js'), ...given, '--dry-run', '--out', out]);
  const data = await smallShop();
  const base = JSON.parse(readFileSync(join(data, 'config.json'), 'utf8'));
  const study = {
    base,
    rows: ['withoutRegions'],
    seeds: [1, 2],
    steps: 2,
    split: 'test',
    data,
    tasks: ['retrieval.text'],
  };
  writeFileSync(join(folder, 'study.json'), JSON.stringify(study));
  const ablate = await moonLab('ablate', '--study', join(folder, 'study.json'));
  expect(ablate.stdout).toMatch(/s a step, .* for 2 steps; .*\n4 trials \(2 rows x 2 seeds\), each as base: 0 min/s);
  const { stdout, stderr } = await moonLab('train', '--base', 'grocery', '--json');
  const { found, forecast } = JSON.parse(stdout.slice(stdout.indexOf('{')));
  expect(found.products.count ?? found.products).toBeTruthy();
  expect(forecast).toMatchObject({ steps: 2800, frozen: 0, fits: true });
  expect(stderr).toContain('s a step');
  expect(existsSync(out)).toBe(false);
});
