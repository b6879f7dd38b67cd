import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { grocery } from '../../src/datasets/grocery/recipes.js';
import { attentionOpener, attentionReader } from '../../src/encoder/attention-reader.js';
import type { Encoder } from '../../src/encoder/encoder.js';
import { flatten } from '../../src/engine/flat-weights.js';
import { countLeaks } from '../../src/engine/memory.js';
import { randomStream } from '../../src/engine/random.js';
import { initMoon } from '../../src/moon/model.js';
import { titleAttention } from '../../src/regions/attention.js';
import { detectorOf } from '../../src/regions/detector.js';
import { smallModel, tokenizer } from '../moon/small.js';
import { drawn, scene } from '../regions/scenes.js';

function open(seed: number): Encoder {
  const model = smallModel();
  const config = { ...grocery, experts: model.experts, imageSize: model.imageSize };
  return { config, model, tokenizer, ...flatten(initMoon(model, randomStream(seed, 'init'))) };
}

const photo = drawn(scene([40, 40], [10, 10, 30, 30]), 'photo');

test('reads an image with and without its title, the same way every time, and frees the network', async () => {
  const { result, leaked } = await countLeaks(async () => {
    const reader = await attentionReader(open(1));
    const [titled, again, bare] = [
      await reader.read(photo, 'Golden Delicious'),
      await reader.read(photo, 'Golden Delicious'),
      await reader.read(photo),
    ];
    reader.dispose();
    expect(again).toEqual(titled);
    expect(titled.aspects).toContain('title');
    expect(bare.aspects).not.toContain('title');
    expect(bare.aspects).not.toContain('crop');
    const mass = titleAttention(titled).flat();
    expect(mass.every((each) => each > 0)).toBe(true);
    return mass.reduce((sum, each) => sum + each, 0);
  });
  expect(result).toBeLessThan(1);
  expect(leaked).toBe(0);
});

test('its answers are kept by the weights', async () => {
  const weights = await Promise.all(
    [1, 1, 2].map(async (seed) => {
      const reader = await attentionReader(open(seed));
      reader.dispose();
      return reader.weights;
    }),
  );
  expect(weights[0]).toBe(weights[1]);
  expect(weights[2]).not.toBe(weights[0]);
});

test('a detector of a named run, never of the run in training, under whatever name', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'moon-run-'));
  const link = `${folder}-link`;
  symlinkSync(folder, link);
  const asked: string[] = [];
  const openAttention = attentionOpener(async (name) => {
    asked.push(name);
    return open(1);
  }, folder);
  try {
    const detector = (await detectorOf({ kind: 'attention', checkpoint: 'runs/other' }, { openAttention }))!;
    const [{ box, source }] = await detector.detect(photo, 'Golden Delicious');
    expect([source, box.x1 < box.x2]).toEqual(['attention', true]);
    detector.dispose();
    for (const checkpoint of [folder, link])
      await expect(detectorOf({ kind: 'attention', checkpoint }, { openAttention })).rejects.toThrow(/being trained/);
    expect(asked).toEqual(['runs/other']);
  } finally {
    rmSync(link);
    rmSync(folder, { recursive: true });
  }
});
