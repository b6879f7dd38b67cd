import { expect, it } from 'vitest';
import { loadImageProcessor } from '../../src/backbones/qwen25vl/image-processor.js';
import { countLeaks } from '../../src/engine/memory.js';
import * as tf from '../../src/engine/tf.js';
import { detectorOf } from '../../src/regions/detector.js';
import { type GroundingModel, groundBox, groundingDetector } from '../../src/regions/grounding.js';
import { loadTokenizer } from '../../src/text/tokenizer.js';
import { folder, loadFolder } from '../backbones/folder.js';
import { drawn, scene } from './scenes.js';

const raster = scene([40, 33], [8, 4, 24, 28]);

/** The small network, and a tokenizer that reads this answer into whatever it wrote and keeps what was asked. */
function answering(answer: string): GroundingModel & { asked: string[] } {
  const tokenizer = loadTokenizer(folder);
  const asked: string[] = [];
  const encode = (text: string) => {
    asked.push(text);
    return tokenizer.encode(text);
  };
  const stub = { ...tokenizer, encode, decode: () => answer, idOf: (token: string) => tokenizer.idOf(token) };
  return { network: loadFolder(), tokenizer: stub, processor: loadImageProcessor(folder), asked };
}

it('asks for what the title names, or for the main product, and reads the box from the answer', async () => {
  const { leaked } = await countLeaks(async () => {
    const model = answering('[{"bbox_2d": [8, 8, 24, 32]}]');
    const { width, height } = { width: 40, height: 32 };
    const found = await groundBox(model, raster, 'Blue Cotton Shirt', 4);
    expect(found).toEqual({ box: { x1: 8 / width, y1: 8 / height, x2: 24 / width, y2: 1 }, score: 1 });
    await groundBox(model, raster, undefined, 4);
    expect(model.asked[0]).toContain('Blue Cotton Shirt');
    expect(model.asked[1]).toContain('the main product');
    tf.dispose(model.network.weights);
  });
  expect(leaked).toBe(0);
});

it('an answer without a box is the whole image', async () => {
  const model = answering('I see a shirt.');
  const [region] = await groundingDetector(model, 4)(drawn(raster));
  expect(region).toMatchObject({ score: 0, source: 'grounding', fallback: 'missing' });
  tf.dispose(model.network.weights);
});

it('a model from a folder answers by itself, always the same, one question at a time', async () => {
  const { leaked } = await countLeaks(async () => {
    const detector = (await detectorOf({ kind: 'grounding', model: folder, maxTokens: 6 }))!;
    const ask = () => detector.detect(drawn(raster), 'Blue Shirt');
    const [first, second] = await Promise.all([ask(), ask()]);
    expect(first).toEqual(second);
    expect(detector.identity).toMatch(/^grounding-/);
    detector.dispose();
  });
  expect(leaked).toBe(0);
});

it('an image that cannot be read does not keep the next question from its answer', async () => {
  const model = answering('[{"bbox_2d": [8, 8, 24, 32]}]');
  const detect = groundingDetector(model, 2);
  const results = await Promise.allSettled([
    detect({ id: 'gone', source: { kind: 'file', path: 'gone.jpg' } }),
    detect(drawn(scene([400, 1], [0, 0, 9, 1]))),
    detect(drawn(raster)),
  ]);
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
  tf.dispose(model.network.weights);
});
