import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withSettings } from '../../src/config/check-config.js';
import { generateShop } from '../../src/datasets/shop/shop.js';
import { prepare } from '../../src/encoder/prepare.js';
import { unflatten, type Weights } from '../../src/engine/flat-weights.js';
import { randomStream } from '../../src/engine/random.js';
import * as tf from '../../src/engine/tf.js';
import { initProjector, projectFeatures } from '../../src/moon/projector.js';
import { partOf, projectorNames } from '../../src/moon/weight-names.js';
import { train } from '../../src/train/loop.js';
import { writeEncoder } from '../pictures/onnx-file.js';
import { shopOptions, shortConfig } from './run/short-run.js';

const shop = generateShop(shopOptions);
const model = join(mkdtempSync(join(tmpdir(), 'moon-align-')), 'model.onnx');
writeEncoder(model, 16, 4);

test('an alignment stage changes the connector alone, what follows it all that is tuned', async () => {
  const config = withSettings(shortConfig, {
    network: { from: 'test/fixtures/llama-folder' },
    attention: 'causal',
    vision: { kind: 'onnx', model, width: 3, pool: 2, connector: 'mlp' },
    experts: { kind: 'none' },
    captioning: { kind: 'captions', fraction: 0.5, parts: ['projector'] },
    tune: { kind: 'lora', rank: 2, targets: ['q_proj'] },
    average: { kind: 'none' },
    engine: { compile: false },
  });
  const { encoder, pixels } = await prepare(config, shop);
  let last: Record<string, number[]> = {};
  const changed: Record<string, Set<string>> = { captions: new Set(), contrastive: new Set() };
  await train(encoder, shop, pixels, {
    async onState({ tensors }, { stage }, { layout }) {
      const own = unflatten(tensors.parameters as tf.Tensor1D, layout);
      const now = Object.fromEntries(layout.names.map((name) => [name, Array.from(own[name].dataSync())]));
      tf.dispose(own);
      for (const [name, values] of Object.entries(now))
        if (last[name] && values.some((value, at) => value !== last[name][at])) changed[stage].add(partOf(name));
      last = now;
    },
  });
  expect([...changed.captions]).toEqual(['projector']);
  expect([...changed.contrastive].toSorted()).toEqual(['language', 'projector', 'temperature']);
  expect(encoder.layout.names).toContain(projectorNames.second.weight);
  encoder.parameters.dispose();
});

test('two maps are a linear one, a GELU, and a linear one', () => {
  const stream = randomStream(1, 'connector');
  const weights: Weights = {
    ...initProjector(projectorNames, 2, 3, 0.5, stream),
    ...initProjector(projectorNames.second, 3, 3, 0.5, stream.child('second')),
    [projectorNames.bias]: tf.tensor1d([0.1, -0.2, 0.3]),
  };
  const [first, second] = [projectorNames, projectorNames.second].map(
    ({ weight }) => weights[weight].arraySync() as number[][],
  );
  // The normal distribution up to x, by a sum of rectangles.
  const below = (x: number) => {
    let sum = 0;
    for (let at = -8; at < x; at += 1e-4) sum += Math.exp(-((at + 5e-5) ** 2) / 2);
    return (sum * 1e-4) / Math.sqrt(2 * Math.PI);
  };
  const features = [
    [1, -2],
    [0.5, 3],
  ];
  const slow = features.map((row) => {
    const hidden = first.map((own, at) => own[0] * row[0] + own[1] * row[1] + [0.1, -0.2, 0.3][at]);
    const bent = hidden.map((value) => value * below(value));
    return second.map((own) => own.reduce((sum, value, at) => sum + value * bent[at], 0));
  });
  const fast = projectFeatures(projectorNames, weights, tf.tensor2d(features)).arraySync();
  fast.flat().forEach((value, at) => void expect(value).toBeCloseTo(slow.flat()[at], 3));
});
