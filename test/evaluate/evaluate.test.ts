import { inspect } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import type { MoonConfig } from '../../src/config/config.js';
import { titlePair } from '../../src/data/catalogue-builder.js';
import type { Catalogue } from '../../src/data/types.js';
import { grocery } from '../../src/datasets/grocery/recipes.js';
import { generateShop } from '../../src/datasets/shop/shop.js';
import { everydayAliases } from '../../src/datasets/table/aliases.js';
import { tasksOf } from '../../src/datasets/tasks.js';
import { embedSequences } from '../../src/encoder/embed.js';
import { type Encoder, sequenceOptions } from '../../src/encoder/encoder.js';
import { startNetwork } from '../../src/encoder/start-network.js';
import { countLeaks } from '../../src/engine/memory.js';
import * as tf from '../../src/engine/tf.js';
import { controlsOf } from '../../src/evaluate/controls.js';
import { embedOnce } from '../../src/evaluate/embed-once.js';
import { type EvaluateProgress, evaluateTasks } from '../../src/evaluate/evaluate.js';
import { joinFolds } from '../../src/evaluate/join-folds.js';
import { retrieval } from '../../src/evaluate/retrieval.js';
import { withoutRows } from '../../src/evaluate/saved-evaluation.js';
import { truncate } from '../../src/losses/unit-rows.js';
import { loadPixels, type Pixels } from '../../src/pictures/picture-store.js';
import type { StoredPictures } from '../../src/pictures/stored-pictures.js';
import { regionRequests } from '../../src/regions/requests.js';
import { rankItems } from '../../src/search/ranks.js';
import { type Input, inputSequence } from '../../src/tasks/task.js';
import { labelMask } from '../../src/tasks/withhold.js';

const shop = generateShop({ products: 40, trainQueries: 60, evaluationQueries: 9, imageSize: 32, views: 1 });
const config: MoonConfig = {
  ...grocery,
  network: { size: 'nano', vocabulary: 400, stem: { kind: 'patch' } },
  imageSize: 32,
};

/** The same products and queries for any catalogue's tasks. */
const anyCatalogue: Catalogue = { ...shop, adapter: 'table' };

let pixels: Pixels;
let network: Encoder;
let second: Encoder;
beforeAll(async () => {
  const box = { x1: 0.2, y1: 0.2, x2: 0.9, y2: 0.9 };
  const detect = async () => [{ box, score: 1, source: 'test' }] as const;
  const images = shop.products.flatMap((product) => product.images.map((image) => ({ image })));
  pixels = await loadPixels([...regionRequests(shop), ...images], { size: 32, detect });
  network = startNetwork(config, shop);
  second = startNetwork({ ...config, seed: 2 }, shop);
});

describe('evaluateTasks', () => {
  test('measures the tasks of a shop, with controls, chance and slices, as plain JSON, and frees its tensors', async () => {
    const { result, leaked } = await countLeaks(() =>
      evaluateTasks(network, shop, pixels, {
        split: 'val',
        tasks: ['retrieval.image', 'retrieval.text'],
        rows: true,
        draws: 50,
      }),
    );
    expect(leaked).toBe(0);
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
    const image = result.tasks.find(({ name }) => name === 'retrieval.image')!;
    expect(image).toMatchObject({ n: 9, items: 40, products: 'unseen', query: 'image' });
    expect(image.chance['R@1']).toBeCloseTo(1 / 40, 12);
    expect(image.chance['median rank']).toBeCloseTo(20.5, 12);
    expect(Object.keys(image.metrics)).toEqual(['R@1', 'R@5', 'R@10', 'MRR', 'median rank']);
    expect(image.controls).toMatchObject({ textOnly: null, imageOnly: null, majority: null, bm25: null });
    expect(image.reasons).toMatchObject({
      textOnly: 'the queries hold nothing but image',
      imageOnly: 'the queries hold no text',
      bm25: 'the queries hold no text',
    });
    // The network is not trained; the other controls ask or find something else than the task does.
    expect(image.controls.untrained).toEqual(image.metrics);
    for (const control of ['shuffledImage', 'galleryTextOnly', 'galleryImageOnly'])
      expect(image.controls[control]?.MRR.value).not.toBe(image.metrics.MRR.value);
    expect(image.slices.form.image.n).toBe(9);
    expect(image.rows).toHaveLength(9);
    expect(image.rows![0]).toMatchObject({ task: 'retrieval.image', seed: 1, gold: [image.rows![0].product] });
    expect(image.rows![0].top).toHaveLength(10);
    const text = result.tasks.find(({ name }) => name === 'retrieval.text')!;
    expect(text.controls.shuffledImage).toBeNull();
    expect(text.controls.bm25!['R@10'].value).toBeGreaterThan(text.chance['R@10']);
  });

  test('an untrained network is its own untrained control', async () => {
    const { tasks } = await evaluateTasks(network, shop, pixels, {
      split: 'val',
      tasks: ['retrieval.image'],
      draws: 20,
    });
    expect(tasks[0].controls.untrained).toEqual(tasks[0].metrics);
  });

  test('several seeds give the mean of each alone', async () => {
    const options = { split: 'val', tasks: ['retrieval.product'], draws: 20, rows: true } as const;
    const [a, b, both] = [
      await evaluateTasks(network, shop, pixels, options),
      await evaluateTasks(second, shop, pixels, options),
      await evaluateTasks([network, second], shop, pixels, options),
    ];
    expect(both.seeds).toEqual([1, 2]);
    for (const metric of ['R@10', 'MRR', 'median rank'])
      expect(both.tasks[0].metrics[metric].value).toBeCloseTo(
        (a.tasks[0].metrics[metric].value + b.tasks[0].metrics[metric].value) / 2,
        12,
      );
    expect(both.tasks[0].rows).toEqual([...a.tasks[0].rows!, ...b.tasks[0].rows!]);
  });

  test('folds of the queries, each asked alone, are together what the whole is', async () => {
    const options = { split: 'val', tasks: ['retrieval.image', 'classification.top'], draws: 20, rows: true } as const;
    const fold = (index: number) => ({ ...shop, pairs: shop.pairs.filter((_, at) => at % 2 === index) });
    const [a, b, whole] = [
      await evaluateTasks([network, second], fold(0), pixels, options),
      await evaluateTasks([network, second], fold(1), pixels, options),
      await evaluateTasks([network, second], shop, pixels, options),
    ];
    const joined = joinFolds([a, b]);
    expect(joined.tasks[0].controlAnswers).toBeUndefined();
    for (const [at, { name, n, metrics, chance }] of whole.tasks.entries()) {
      expect(joined.tasks[at]).toMatchObject({ name, n, reasons: whole.tasks[at].reasons });
      for (const control of ['untrained', 'galleryTextOnly'])
        for (const [metric, { value }] of Object.entries(whole.tasks[at].controls[control] ?? {}))
          expect(joined.tasks[at].controls[control]![metric].value).toBeCloseTo(value, 6);
      expect(Object.keys(joined.tasks[at].controls)).toEqual(Object.keys(whole.tasks[at].controls));
      for (const [metric, { value }] of Object.entries(metrics))
        expect(joined.tasks[at].metrics[metric].value).toBeCloseTo(value, 6);
      const first = Object.keys(chance)[0];
      expect(joined.tasks[at].chance[first]).toBeCloseTo(chance[first], 12);
    }
    const without = await evaluateTasks(network, shop, pixels, { ...options, rows: false });
    expect(() => joinFolds([without])).toThrow(/without rows/);
    const left = (leftOut: Record<string, number>) => ({ ...a, tasks: a.tasks.map((task) => ({ ...task, leftOut })) });
    expect(joinFolds([left({ gone: 1 }), left({ gone: 2, odd: 4 })]).tasks[0].leftOut).toEqual({ gone: 3, odd: 4 });
    expect(() => joinFolds([a, { ...b, seeds: [7] }])).toThrow(/expected the same seeds/);
  });

  test('tells how far it is, and stops when told', async () => {
    const seen: EvaluateProgress[] = [];
    const stop = new AbortController();
    const { leaked } = await countLeaks(() =>
      expect(
        evaluateTasks(network, shop, pixels, {
          split: 'val',
          tasks: ['retrieval.image'],
          signal: stop.signal,
          onProgress: (progress) => {
            seen.push(progress);
            if (progress.label === 'network untrained') stop.abort(new Error('enough'));
          },
        }),
      ).rejects.toThrow('enough'),
    );
    expect(leaked).toBe(0);
    expect(seen[0]).toMatchObject({ label: 'network' });
    expect(seen.findLast(({ label }) => label === 'network')).toMatchObject({
      done: seen[0].total,
      total: seen[0].total,
    });
  });

  test('refuses a task that is not there, and a split without queries', async () => {
    await expect(evaluateTasks(network, shop, pixels, { split: 'val', tasks: ['retrieval.sound'] })).rejects.toThrow(
      /tasks: got "retrieval.sound", expected names of retrieval.image \| /,
    );
    const none = { ...anyCatalogue, pairs: [] };
    await expect(evaluateTasks(network, none, pixels, { split: 'val' })).rejects.toThrow(
      /split: got 'val', for which shop|split/,
    );
  });

  test('the tasks of any catalogue run too', async () => {
    const { tasks } = await evaluateTasks(network, anyCatalogue, pixels, {
      split: 'val',
      tasks: ['cross', 'classification.level-1', 'attribute.colour'],
      draws: 20,
    });
    expect(tasks.map(({ name }) => name)).toEqual([
      'cross.text-to-image',
      'cross.image-to-text',
      'classification.level-1',
      'classification.level-1.own',
      'classification.level-1.masked',
      'classification.level-1.unmasked',
      'attribute.colour',
      'attribute.colour.own',
      'attribute.colour.masked',
      'attribute.colour.unmasked',
    ]);
    const [, , top] = tasks;
    expect(top.chance.accuracy).toBeCloseTo(1 / top.items, 12);
    expect(top.controls.majority!.accuracy.value).toBeGreaterThan(0);
    expect(top.controls.galleryTextOnly).toBeNull();
  });
});

test('folds of data that have none are refused', () => {
  const unseen = new Set([shop.products[0].id]);
  expect(() => tasksOf({ catalogue: shop, split: 'val', unseen })).toThrow(/fold: got data of the layout 'shop'/);
});

test('a product with nothing to show is left out of the gallery, and named', async () => {
  const [pair] = shop.pairs.filter(({ query, split }) => split === 'val' && query.image && !query.text);
  const products = shop.products.map((each) =>
    each.id === pair.product ? { id: each.id, title: '', category: [], attributes: {}, images: [] } : each,
  );
  const result = await retrieval(network, { ...shop, products }, pixels, { split: 'val' });
  const { leftOut, items, embeddings, n, rows } = result;
  const asked = shop.pairs.filter(({ query, split }) => split === 'val' && query.image && !query.text);
  const left = asked.filter(({ product }) => product === pair.product).length;
  expect({ leftOut, items, n }).toEqual({
    leftOut: { [`the product shows nothing (${pair.product})`]: left },
    items: 39,
    n: asked.length - left,
  });
  expect(inspect(result)).toMatch(
    new RegExp(`^Retrieval of 39 products by ${n} photos .*; ${left} left out: the product`),
  );
  expect([rows.length, embeddings.queries.ids.length, embeddings.items.ids.length]).toEqual([n, n, 39]);
  expect(embeddings.items.ids).not.toContain(pair.product);
  expect(rows.some(({ product }) => product === pair.product)).toBe(false);
});

test('retrieval by a form of query that the split lacks says which forms it has', async () => {
  const pairs = shop.pairs.filter(({ query, split }) => split === 'val' && query.image && !query.text);
  const asked = (form: 'text' | 'image') => retrieval(network, { ...shop, pairs }, pixels, { split: 'val', form });
  await expect(asked('text')).rejects.toThrow(
    `form: split 'val' has no text queries, but ${pairs.length} image; choose another form or split.`,
  );
  await expect(asked('photo' as 'text')).rejects.toThrow('form: got "photo", expected image | text | product.');
  await expect(retrieval(network, { ...shop, pairs }, pixels, { split: 'test' })).rejects.toThrow(
    `Queries by split: val ${pairs.length} image. Choose a split with queries.`,
  );
});

test('retrieval is the task of the protocol with its rows, and hands out what was ranked', async () => {
  const { embeddings, rows, metrics, ...result } = await retrieval(network, shop, pixels, { split: 'val' });
  const { tasks } = await evaluateTasks(network, shop, pixels, {
    split: 'val',
    tasks: ['retrieval.image'],
    rows: true,
    controls: false,
  });
  // The shop knows what any method could reach, and says its gallery in its own words.
  const { metrics: whole, rows: same, attainable: _, ...task } = tasks[0];
  expect(task.embeddings).toBeUndefined();
  expect({ ...result, gallery: '' }).toEqual({ ...task, gallery: '' });
  expect(rows).toEqual(same);
  expect(whole).toEqual({ ...metrics, 'median rank': whole['median rank'] });
  const { queries, items } = embeddings;
  expect(queries.ids).toEqual(rows.map(({ query }) => query));
  const ranks = rankItems(
    queries,
    rows.map(({ gold }) => gold),
    items,
  );
  expect(ranks.map(({ top }) => top)).toEqual(rows.map(({ top }) => top));
});

test('embeddings of the first network are kept for every task, at the size that was measured, and are not saved', async () => {
  const options = { split: 'val', tasks: ['retrieval.image', 'retrieval.text'], controls: false, draws: 2 } as const;
  const both = await evaluateTasks([network, second], shop, pixels, { ...options, embeddings: true, size: 8 });
  const first = await evaluateTasks(network, shop, pixels, { ...options, embeddings: true });
  for (const [at, { embeddings, n, items }] of both.tasks.entries()) {
    expect([embeddings!.queries.width, embeddings!.queries.ids.length, embeddings!.items.ids.length]).toEqual([
      8,
      n,
      items,
    ]);
    const { vectors, width } = first.tasks[at].embeddings!.queries;
    expect(embeddings!.queries.vectors).toEqual(truncate(vectors, width, 8));
  }
  expect(withoutRows(both).tasks[0]).not.toHaveProperty('embeddings');
});

describe('embedOnce', () => {
  test('embeds a sequence once, whoever asks for it, as embedSequences does', async () => {
    const tasks = tasksOf({ catalogue: shop, split: 'val' }, ['retrieval.image']);
    const { asks, items } = tasks[0];
    const inputs = [...asks, ...items].map(({ input }) => input);
    const copies = inputs.map((input) => ({ ...input }));
    const store = await embedOnce(network, [...inputs, ...copies], pixels);
    expect(store.sequences).toBe(inputs.length);
    const ids = asks.map(({ id }) => id);
    const mine = store.of(
      ids,
      asks.map(({ input }) => input),
    );
    const read = sequenceOptions(network, pixels);
    const direct = await embedSequences(
      network,
      asks.map(({ input }) => inputSequence(input, read)),
      pixels,
    );
    expect(mine.ids).toEqual(ids);
    const apart = mine.vectors.map((value, at) => Math.abs(value - direct.vectors[at]));
    expect(Math.max(...apart)).toBeLessThan(1e-5);
    expect(store.of(ids, copies.slice(0, ids.length)).vectors).toEqual(mine.vectors);
  });
});

test('a network that looks at mirror images too cannot tell left from right, and reads texts as before', async () => {
  const withMirrored = (mirrored: boolean): Encoder => ({
    ...network,
    config: { ...config, vision: { kind: 'qwen', mirrored } },
  });
  const [one, both] = [withMirrored(false), withMirrored(true)];
  // Enough of them to run compiled.
  const photos = shop.products.map(({ images }) => images[0]);
  const read = sequenceOptions(network, pixels);
  const pictures = photos.map((image) => inputSequence({ kind: 'query', query: { id: image.id, image } }, read));
  const texts = photos.map(({ id }) => inputSequence({ kind: 'query', query: { id, text: `a ${id}` } }, read));
  const swapped: Pixels = {
    ...pixels,
    inputOf: (shown, options) => {
      const { images, variations } = pixels.inputOf(shown, options) as StoredPictures;
      return { images: tf.reverse(images, 2), variations };
    },
  };
  const { result, leaked } = await countLeaks(async () => ({
    plain: await embedSequences(one, pictures, pixels),
    mean: await embedSequences(both, pictures, pixels),
    swapped: await embedSequences(both, pictures, swapped),
    texts: await embedSequences(one, texts, pixels),
    same: await embedSequences(both, texts, pixels),
  }));
  expect(leaked).toBe(0);
  const apart = (one: Float32Array, other: Float32Array) =>
    one.reduce((max, value, at) => Math.max(max, Math.abs(value - other[at])), 0);
  expect(apart(result.mean.vectors, result.swapped.vectors)).toBeLessThan(1e-5);
  expect(apart(result.mean.vectors, result.plain.vectors)).toBeGreaterThan(1e-4);
  expect(result.same.vectors).toEqual(result.texts.vectors);
  const { width, vectors } = result.mean;
  for (let row = 0; row < pictures.length; row++)
    expect(Math.hypot(...vectors.subarray(row * width, (row + 1) * width))).toBeCloseTo(1, 5);
});

describe('no detector is told', () => {
  const asked: (string | undefined)[] = [];
  const spy = (input: Input) => {
    asked.length = 0;
    const boxOf = (_: unknown, title?: string) => {
      asked.push(title);
      return undefined;
    };
    inputSequence(input, sequenceOptions(network, { ...pixels, boxOf }));
    return asked;
  };
  const source = { catalogue: anyCatalogue, split: 'val' } as const;

  test('a title where an image asks, in a task or a control', () => {
    const images = ['retrieval.image', 'retrieval.product', 'cross.text-to-image', 'cross.image-to-text'];
    const tasks = tasksOf(source, [...images, 'classification', 'attribute']).filter(
      ({ name }) => !/masked/.test(name),
    );
    let queries = 0;
    for (const task of tasks) {
      const variants = Object.values(controlsOf(task)).flatMap((each) => ('none' in each ? [] : each.queries));
      for (const input of [...task.asks.map(({ input }) => input), ...variants]) {
        queries++;
        expect(spy(input).every((title) => title === undefined)).toBe(true);
      }
    }
    expect(queries).toBeGreaterThan(300);
  });

  test('the title that a text query is matched with', () => {
    for (const { input } of tasksOf(source, ['cross.text-to-image'])[0].items) expect(spy(input)).toEqual([undefined]);
    const titled = { ...anyCatalogue, pairs: shop.products.map((each) => titlePair(each, 'val')) };
    const [task] = tasksOf({ catalogue: titled, split: 'val' }, ['retrieval.text']);
    expect(task.gallery).toBe('image, category, attributes');
    for (const { input } of task.items) expect(spy(input).filter(Boolean)).toEqual([]);
  });

  test('the label that the text is masked for', () => {
    const task = tasksOf(source, ['classification.level-3.masked'])[0];
    const products = new Map(shop.products.map((product) => [product.id, product]));
    for (const { input, product } of task.asks) {
      const mask = labelMask(products.get(product)!, 'category', everydayAliases);
      for (const title of spy(input)) expect(mask(title!)).toBe(title);
    }
  });
});
