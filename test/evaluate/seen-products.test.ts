import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MoonConfig } from '../../src/config/config.js';
import type { Catalogue } from '../../src/data/types.js';
import { readConfig } from '../../src/datasets/bases.js';
import { openCatalogue } from '../../src/datasets/open.js';
import { loadEncoder } from '../../src/encoder/checkpoints.js';
import type { Encoder } from '../../src/encoder/encoder.js';
import { preparePixels } from '../../src/encoder/prepare.js';
import { evaluateTasks } from '../../src/evaluate/evaluate.js';
import { joinFolds } from '../../src/evaluate/join-folds.js';
import { evaluationText } from '../../src/evaluate/summary/evaluation-text.js';
import { train } from '../../src/train/loop.js';
import { trainRun } from '../../src/train/run/train-run.js';
import { smallOptions } from '../config/small-options.js';
import { picture } from '../data/data-folder.js';

const root = mkdtempSync(join(tmpdir(), 'moon-seen-'));
const run = join(root, 'run');
const config: MoonConfig = readConfig(smallOptions);

/** Data of products by their numbers, under ids of their own, with titles or pictures left out that are not to be known again. */
async function shopOf(
  name: string,
  numbers: readonly number[],
  { split = 'test', ids = 'p', titles = true, pictures = true } = {},
): Promise<Catalogue> {
  const folder = join(root, name);
  mkdirSync(join(folder, 'images'), { recursive: true });
  for (const at of numbers)
    writeFileSync(join(folder, 'images', `${name}-${at}.jpg`), await picture(pictures ? at : 500 + at));
  const rows = numbers.map((at) => ({
    id: `${ids}${at}`,
    doc_title: titles ? `thing number ${at}` : `${name} calls it ${at}`,
    doc_image: `images/${name}-${at}.jpg`,
    doc_cate1_name: ['clothing', 'food'][at % 2],
    doc_attributes: 'colour:red',
    split,
  }));
  writeFileSync(join(folder, 'products.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return openCatalogue(folder);
}

const encoder = [0, 1, 2, 3, 4, 5];
const others = [20, 21, 22, 23];
let training: Catalogue;
beforeAll(async () => {
  training = await shopOf('training', encoder, { split: 'train' });
  (await trainRun(run, config, training)).encoder.parameters.dispose();
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function productsOf(networks: Encoder | readonly Encoder[], catalogue: Catalogue) {
  const pixels = await preparePixels(config, catalogue);
  const options = { split: 'test', tasks: ['cross.image-to-text'], controls: false, rows: true, draws: 2 } as const;
  const evaluation = await evaluateTasks(networks, catalogue, pixels, options);
  return { evaluation, products: evaluation.tasks[0].products };
}

/** Of a network from the run's folder. */
async function ofRun(catalogue: Catalogue) {
  const network = loadEncoder(run);
  try {
    return await productsOf(network, catalogue);
  } finally {
    network.parameters.dispose();
  }
}

describe('a run tells seen products from unseen ones on any data', () => {
  test('the same products in another folder are seen: by their ids, their titles or their pictures', async () => {
    const same = await shopOf('same', encoder);
    const { evaluation, products } = await ofRun(same);
    expect(products).toBe('seen');
    expect(evaluationText(evaluation)).toMatch(/cross.image-to-text \(image -> title\): .* \(6 items; seen products; /);
    const known = [
      { titles: false, pictures: false },
      { ids: 'x', pictures: false },
      { ids: 'x', titles: false },
    ];
    for (const [at, by] of known.entries())
      expect((await ofRun(await shopOf(`known-${at}`, encoder, by))).products, JSON.stringify(by)).toBe('seen');
  });

  test('others are unseen, also where the data call them training', async () => {
    expect((await ofRun(await shopOf('others', others))).products).toBe('unseen');
    const stranger = { ids: 'x', titles: false, pictures: false };
    expect((await ofRun(await shopOf('strangers', encoder, stranger))).products).toBe('unseen');
    const mixed = await shopOf('pairs-for-training', others);
    const both = {
      ...mixed,
      pairs: [...mixed.pairs, ...mixed.pairs.map((each) => ({ ...each, split: 'train' as const }))],
    };
    expect((await ofRun(both)).products).toBe('unseen');
  });

  test('half of each is mixed', async () => {
    const { evaluation, products } = await ofRun(await shopOf('half', [0, 1, 20, 21]));
    expect(products).toBe('mixed');
    expect(evaluationText(evaluation)).toContain('seen and unseen products');
  });

  test('without the record nobody knows; a damaged one is named', async () => {
    const file = join(run, 'trained-on.json');
    const whole = readFileSync(file, 'utf8');
    expect(JSON.parse(whole).products).toEqual(encoder.map((at) => `p${at}`));
    const same = await shopOf('same-again', encoder);
    try {
      writeFileSync(file, whole.replace('p3', 'p9'));
      expect(() => loadEncoder(run)).toThrow(/trained-on.json: has changed since it was saved/);
      // As a run of an earlier moon-lab is.
      rmSync(file);
      const list = join(run, 'checksums.json');
      const { 'trained-on.json': listed, ...rest } = JSON.parse(readFileSync(list, 'utf8'));
      expect(listed).toMatch(/^[0-9a-f]{64}$/);
      writeFileSync(list, JSON.stringify(rest));
      const { evaluation, products } = await ofRun(same);
      expect(products).toBe('unknown');
      expect(evaluationText(evaluation)).toContain('products that may have been seen');
    } finally {
      writeFileSync(file, whole);
    }
  });
});

describe('a network in memory', () => {
  test('has seen nothing before its training, and then what it was trained on, time after time', async () => {
    const { encoder: network, pixels } = await trainRun(
      join(root, 'untrained'),
      { ...config, optimizer: { ...config.optimizer, steps: 0 } },
      training,
    );
    const same = await shopOf('same-in-memory', encoder);
    const other = await shopOf('other-in-memory', others, { split: 'train' });
    const asked = await shopOf('other-asked', others);
    expect((await productsOf(network, same)).products).toBe('unseen');
    const own: Encoder = { ...network, config };
    await train(own, training, pixels);
    expect((await productsOf(own, same)).products).toBe('seen');
    expect((await productsOf(own, asked)).products).toBe('unseen');
    await train(own, other, await preparePixels(config, other));
    for (const each of [same, asked]) expect((await productsOf(own, each)).products).toBe('seen');

    // Weights without their run: what is added is known, what was before is not.
    const foreign: Encoder = { ...own, trainedOn: undefined };
    await train(foreign, other, await preparePixels(config, other));
    expect((await productsOf(foreign, asked)).products).toBe('unknown');
    foreign.parameters.dispose();
  });
});

test('seeds and folds of different products are mixed, and unknown where one of them is', async () => {
  const network = loadEncoder(run);
  const same = await shopOf('same-for-seeds', encoder);
  const nothing = { ...network, trainedOn: { products: [], titles: [], pictures: [] } };
  const unknown = { ...network, trainedOn: undefined };
  expect((await productsOf([network, nothing], same)).products).toBe('mixed');
  expect((await productsOf([network, unknown], same)).products).toBe('unknown');
  const [seen, unseen] = [(await productsOf(network, same)).evaluation, (await productsOf(nothing, same)).evaluation];
  expect(joinFolds([unseen, unseen]).tasks[0].products).toBe('unseen');
  expect(joinFolds([seen, unseen]).tasks[0].products).toBe('mixed');
  network.parameters.dispose();
});

describe('the record of a run', () => {
  const longer: MoonConfig = { ...config, optimizer: { ...config.optimizer, steps: 3 } };

  test('is there from the first step on, and stays when the run resumes', async () => {
    const folder = join(root, 'resumed');
    const file = join(folder, 'trained-on.json');
    const stop = new AbortController();
    const stopped = await trainRun(folder, longer, training, { signal: stop.signal, onStep: () => stop.abort() });
    stopped.encoder.parameters.dispose();
    expect(stopped.records).toHaveLength(1);
    const written = readFileSync(file, 'utf8');
    for (let again = 0; again < 2; again++) {
      const { encoder: network } = await trainRun(folder, longer, training, { resume: true });
      expect(JSON.stringify(network.trainedOn)).toBe(written);
      network.parameters.dispose();
      expect(readFileSync(file, 'utf8')).toBe(written);
    }
    // A run of an earlier moon-lab that resumes on the same data gets its record.
    rmSync(file);
    rmSync(join(folder, 'checksums.json'));
    (await trainRun(folder, longer, training, { resume: true })).encoder.parameters.dispose();
    expect(readFileSync(file, 'utf8')).toBe(written);
  });

  test('holds both where a run resumes on other data, and is not made up where it was missing then', async () => {
    const other = await shopOf('resumed-on', others, { split: 'train' });
    for (const keep of [true, false]) {
      const folder = join(root, `other-data-${keep}`);
      const file = join(folder, 'trained-on.json');
      const stop = new AbortController();
      const options = { signal: stop.signal, onStep: () => stop.abort() };
      (await trainRun(folder, longer, training, options)).encoder.parameters.dispose();
      if (!keep) {
        rmSync(file);
        rmSync(join(folder, 'checksums.json'));
      }
      const { encoder: network } = await trainRun(folder, longer, other, { resume: true, allow: ['data'] });
      const ids = network.trainedOn?.products;
      expect(ids?.sort()).toEqual(keep ? [...encoder, ...others].map((at) => `p${at}`).sort() : undefined);
      expect(existsSync(file)).toBe(keep);
      network.parameters.dispose();
    }
  });
});
