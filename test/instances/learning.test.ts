import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { countLeaks } from '../../src/engine/memory.js';
import { randomStream } from '../../src/engine/random.js';
import * as tf from '../../src/engine/tf.js';
import type { InstanceExample } from '../../src/instances/batch.js';
import { nearestBox, scoreLabels } from '../../src/instances/find-labels.js';
import { regionVectors, textVectors } from '../../src/instances/instance-vectors.js';
import { instanceStudy } from '../../src/instances/instances-study.js';
import { chanceOfLabels } from '../../src/instances/label-answers.js';
import type { InstanceOption } from '../../src/instances/option.js';
import { regionFeatures } from '../../src/instances/region-features.js';
import { trainInstances } from '../../src/instances/train-instances.js';
import { taskKind } from '../../src/tasks/kinds/index.js';

/** Products whose names and looks have nothing in common but training. */
const products = ['red', 'blue', 'green'].flatMap((colour) =>
  ['cup', 'bowl', 'lamp', 'sofa'].map((thing) => `${colour} ${thing}`),
);
const width = 12;
const stream = randomStream(4, 'looks');
const looks = new Map(products.map((name) => [name, Array.from({ length: width }, () => stream.normal())]));
const seen = (name: string) => Float32Array.from(looks.get(name)!, (value) => value + 0.3 * stream.normal());
const pictureOf = (at: number, names: string[]): InstanceExample => ({
  id: `picture ${at}`,
  text: names.join(', '),
  regions: stream.shuffle([...names]).map(seen),
  products: names,
});
const examples = Array.from({ length: 240 }, (_, at) =>
  pictureOf(at, stream.shuffle([...products]).slice(0, 1 + (at % 3))),
);
const asked = Array.from({ length: 60 }, (_, at) =>
  pictureOf(at, stream.shuffle([...products]).slice(0, 2 + (at % 2))),
);
const option: InstanceOption = { width: 32, blocks: 1, steps: 120, batch: 40, vocabulary: 300, rate: 3e-3 };

test('the contrast finds the names of what boxes show; hidden words and regions alone do not, and no tensor is left', async () => {
  const titles = products.map((name) => ({ id: name, text: name }));
  const recall = async (more: InstanceOption) => {
    const { result, leaked } = await countLeaks(
      () => trainInstances(examples, { ...option, ...more }),
      ({ weights }) => Object.keys(weights).length,
    );
    expect(leaked).toBe(0);
    const gallery = { ...(await textVectors(result, titles)), labels: products };
    let sum = 0;
    for (const { regions, products: own } of asked) {
      const boxes = regions.map((features, at) => ({ id: String(at), features }));
      const { vectors } = await regionVectors(result, boxes);
      const query = boxes.map((_, at) => vectors.subarray(at * gallery.width, (at + 1) * gallery.width));
      sum += scoreLabels(nearestBox(gallery, query), gallery, own, 3).scores.recall;
    }
    tf.dispose(result.weights);
    return sum / asked.length;
  };
  expect(await recall({})).toBeGreaterThan(0.9);
  expect(await recall({ words: 1, regions: 1 })).toBeGreaterThan(0.9);
  expect(await recall({ contrast: 0, words: 1, regions: 1 })).toBeLessThan(0.5);
});

test('hidden words are read from the regions, and the same seed gives the same bits', async () => {
  const losses: number[][] = [];
  const train = async (own: InstanceExample[]) => {
    const mine: number[] = [];
    losses.push(mine);
    const { weights } = await trainInstances(
      own,
      { ...option, contrast: 0, words: 1, hidden: 0.3 },
      { onStep: (_, loss) => void mine.push(loss) },
    );
    tf.dispose(weights);
    return mine.slice(-20).reduce((sum, loss) => sum + loss, 0) / 20;
  };
  const right = await train(examples);
  const shuffled = examples.map((example, at) => ({
    ...example,
    regions: examples[(at + 1) % examples.length].regions,
  }));
  expect(await train(shuffled)).toBeGreaterThan(1.15 * right);
  await train(examples);
  expect(losses[2]).toEqual(losses[0]);
});

test('a text that is empty is read, and what cannot be learned from is named', async () => {
  const [first, second] = examples;
  const network = await trainInstances([first, { ...second, text: '' }], { ...option, steps: 2, batch: 2 });
  const { vectors } = await textVectors(network, [{ id: 'none', text: '' }]);
  expect(vectors.every(Number.isFinite)).toBe(true);
  tf.dispose(network.weights);
  await expect(trainInstances([first], option)).rejects.toThrow('examples: got 1, expected at least two');
  await expect(trainInstances([first, { ...second, regions: [] }], option)).rejects.toThrow('picture 1 has no region');
  await expect(trainInstances([first, { ...second, regions: [Float32Array.of(1)] }], option)).rejects.toThrow(
    'picture 1 has a region of 1 features, expected 12 as in the first',
  );
  await expect(trainInstances(examples, { contrast: 0 })).rejects.toThrow('contrast, words and regions are all 0');
  await expect(trainInstances(examples, { width: 20 })).rejects.toThrow(
    'instances.width: got 20, expected a multiple of 8',
  );
});

test('regions of a picture that cannot be read are named', async () => {
  const image = { id: 'gone.jpg', source: { kind: 'file' as const, path: 'test/fixtures/images/gone.jpg' } };
  const features = regionFeatures([{ image }], { model: 'test/fixtures/colours', width: 3 });
  await expect(features).rejects.toThrow('1 of the pictures cannot be read, first gone.jpg');
});

test('chance is that of random orders', () => {
  const labels = Array.from({ length: 60 }, (_, at) => `p${at % 20}`);
  const chance = chanceOfLabels(
    Array.from({ length: 100 }, () => ['p1', 'p2']),
    labels,
  );
  // Of 60 items 6 are right, of which 10 are found; a label is expected 3 times.
  expect(chance['P@10']).toBeCloseTo(0.1, 1.5);
  expect(chance['AR@10']).toBeCloseTo(10 / 60, 1.5);
  const { statistics } = taskKind('multi-label');
  const scores = { 'AR@10': 0.5, 'P@10': 0.2, 'AP@10': 0.1, 'AP of hits@10': 0.4 };
  const answer = { before: 0, tied: 0, relevant: 2, best: ['a'], values: scores };
  const { 'AR@10': recall } = statistics([answer, { ...answer, values: { ...scores, 'AR@10': 1 } }], [['a'], ['a']]);
  expect(recall(Float64Array.of(1, 1))).toBeCloseTo(0.75, 9);
  expect(() => statistics([{ ...answer, values: undefined }], [['a']])).toThrow(
    'multi-label: an answer lacks its AR@10',
  );
});

test('the study proposes boxes, trains every row, and resumes', async () => {
  const out = join(mkdtempSync(join(tmpdir(), 'moon-instances-')), 'study');
  const labels: string[] = [];
  const settings = {
    shop: {
      products: 60,
      imageSize: 32,
      views: 2,
      clutter: 0,
      trainQueries: 10,
      evaluationQueries: 1,
      split: { train: 0.7, dev: 0.1, val: 0.2, test: 0 },
    },
    vision: { model: 'test/fixtures/colours', width: 3 },
    groups: { train: 20, asked: 8 },
    proposer: { composites: 16, steps: 3 },
    training: { steps: 2, batch: 8, width: 16, vocabulary: 300 },
  };
  const options = { out, settings, seeds: [1], onProgress: ({ label }: { label: string }) => void labels.push(label) };
  const { tables, measures } = await instanceStudy(options);
  expect(tables.map(({ task }) => task.name)).toEqual(['photo', 'photo.pictures', 'caption', 'both']);
  const [photo, , caption] = tables;
  expect(photo.metric).toBe('AR@10');
  expect(photo.rows.map(({ name }) => name)).toEqual([
    'contrast',
    'contrast, boxes whole',
    'contrast, boxes random',
    'contrast, boxes grid',
    'contrast, boxes saliency',
    'contrast, boxes given',
    '+ words',
    '+ regions',
    '+ words and regions',
    'words and regions alone',
    'features, untrained',
  ]);
  expect(caption.rows.map(({ name }) => name)).toContain('BM25 of the caption');
  expect(photo.task).toMatchObject({ n: 8, kind: 'multi-label', products: 'unseen' });
  expect(measures?.['contrast, boxes given']).toMatchObject({ 'overlap of boxes': 1, 'products with a box': 1 });
  expect(measures?.['contrast, boxes whole']).toMatchObject({ 'boxes a photo': 1 });
  expect(labels.some((label) => label.startsWith('seed 1, + words'))).toBe(true);
  labels.length = 0;
  expect((await instanceStudy(options)).tables).toEqual(tables);
  expect(labels).toEqual([]);
});
