import { beforeAll, describe, expect, test } from 'vitest';
import type { MoonConfig } from '../../../src/config/config.js';
import { grocery } from '../../../src/datasets/grocery/recipes.js';
import { generateShop } from '../../../src/datasets/shop/shop.js';
import { tasksOf } from '../../../src/datasets/tasks.js';
import { startNetwork } from '../../../src/encoder/start-network.js';
import { countLeaks } from '../../../src/engine/memory.js';
import { compareSystems } from '../../../src/evaluate/compare/compare.js';
import { comparisonPage } from '../../../src/evaluate/compare/comparison-page.js';
import { comparisonJson, comparisonText } from '../../../src/evaluate/compare/comparison-text.js';
import { baselineOf } from '../../../src/evaluate/systems/baselines.js';
import { embeddingSystem } from '../../../src/evaluate/systems/embedding-system.js';
import { evaluateSystem } from '../../../src/evaluate/systems/evaluate-system.js';
import { networkSystem } from '../../../src/evaluate/systems/network-system.js';
import type { System, SystemAnswers } from '../../../src/evaluate/systems/system.js';
import { loadPixels, type Pixels } from '../../../src/pictures/picture-store.js';
import { regionRequests } from '../../../src/regions/requests.js';
import type { Embeddings } from '../../../src/search/embeddings.js';
import { sameCategory } from '../../../src/tasks/same-category.js';
import { type Task, textInput } from '../../../src/tasks/task.js';

const shop = generateShop({ products: 40, trainQueries: 60, evaluationQueries: 24, imageSize: 32, views: 1 });
const config: MoonConfig = {
  ...grocery,
  network: { size: 'nano', vocabulary: 400, stem: { kind: 'patch' } },
  imageSize: 32,
};
const draws = 200;

let pixels: Pixels;
let network: System;
let answers: SystemAnswers;
let task: Task;
beforeAll(async () => {
  const box = { x1: 0.2, y1: 0.2, x2: 0.9, y2: 0.9 };
  const images = shop.products.flatMap((product) => product.images.map((image) => ({ image })));
  const detect = async () => [{ box, score: 1, source: 'test' }] as const;
  pixels = await loadPixels([...regionRequests(shop), ...images], { size: 32, detect });
  network = networkSystem('network', [startNetwork(config, shop)], pixels);
  [task] = tasksOf({ catalogue: shop, split: 'val' }, ['retrieval.image']);
  [answers] = await network.answer([task]);
});

/** The vectors of the network as a file would hold them, without some. */
function fileOf(without: { queries?: number; items?: number } = {}): System {
  const { queries, items } = answers.embeddings!;
  const cut = ({ ids, vectors, width }: Embeddings, from = 0): Embeddings => ({
    ids: ids.slice(from),
    vectors: vectors.slice(from * width),
    width,
  });
  return embeddingSystem('file', { products: cut(items, without.items), queries: cut(queries, without.queries) }, shop);
}

describe('compareSystems', () => {
  test('vectors of a network are the network, and nothing flips', async () => {
    const { result, leaked } = await countLeaks(() => compareSystems([network, fileOf()], [task], { draws }));
    expect(leaked).toBe(0);
    const [{ systems }] = result.tasks;
    expect(systems[1].metrics).toEqual(systems[0].metrics);
    expect(systems[1]).toMatchObject({
      won: [],
      lost: [],
      finding: { difference: { value: 0 }, distinguishable: false },
    });
  });

  test('a swap of the sides turns each difference round, and who won and lost', async () => {
    const random = () => baselineOf('random').open(shop);
    const [one, two] = [
      await compareSystems([network, await random()], [task], { draws }),
      await compareSystems([await random(), network], [task], { draws }),
    ].map(({ tasks }) => tasks[0].systems[1]);
    expect(one.finding!.difference.value).toBeCloseTo(-two.finding!.difference.value, 12);
    expect(one.finding!.p).toBeGreaterThan(0);
    expect([one.won, one.lost].map(({ length }) => length)).toEqual([two.lost, two.won].map(({ length }) => length));
  });

  test('what one system lacks is left out for all, counted, and the rest is what the slow way gives', async () => {
    const { tasks } = await compareSystems([network, fileOf({ queries: 3, items: 2 })], [task], { draws });
    const [{ task: shared, systems }] = tasks;
    const { queries, items } = answers.embeddings!;
    const gone = new Set(items.ids.slice(0, 2));
    const asks = task.asks.slice(3).filter(({ gold }) => !gone.has(gold[0]));
    expect(shared.leftOut).toMatchObject({
      'queries that file does not know': 3,
      'items that file does not know': 2,
    });
    expect(shared.asks.map(({ id }) => id)).toEqual(asks.map(({ id }) => id));
    const row = ({ vectors, width }: Embeddings, at: number) => vectors.subarray(at * width, (at + 1) * width);
    const cosine = (q: number, i: number) => row(queries, q).reduce((sum, x, at) => sum + x * row(items, i)[at], 0);
    const reciprocal = asks.map(({ id, gold }) => {
      const q = queries.ids.indexOf(id);
      const right = cosine(q, items.ids.indexOf(gold[0]));
      const before = items.ids.filter((other, at) => !gone.has(other) && cosine(q, at) > right + 1e-9).length;
      return 1 / (1 + before);
    });
    const mean = reciprocal.reduce((sum, each) => sum + each, 0) / reciprocal.length;
    for (const { metrics } of systems) expect(metrics.MRR.value).toBeCloseTo(mean, 6);
  });

  test('a query that a task changes is not taken for the one of its id, unless the user says so', async () => {
    const phrase = { ...task, asks: task.asks.map((ask) => ({ ...ask, input: textInput(ask.id, 'a phrase') })) };
    const { queries, items } = answers.embeddings!;
    const given = { products: items, queries };
    expect(embeddingSystem('file', given, shop).covers(phrase)).toMatchObject({ asks: new Set() });
    const declared = embeddingSystem('file', { ...given, declared: [task.name] }, shop).covers(phrase);
    expect(declared).toMatchObject({ asks: new Set(queries.ids) });
  });

  test('who cannot answer stands aside with the reason; a base that cannot ends the task', async () => {
    const bm25 = await baselineOf('bm25').open(shop);
    const { tasks, skipped } = await compareSystems([network, bm25, fileOf()], [task], { draws });
    expect(tasks[0].systems.map(({ name }) => name)).toEqual(['network', 'file']);
    expect(tasks[0].reasons).toEqual({ bm25: 'the queries hold no text' });
    expect(skipped).toEqual({});
    const none = await compareSystems([bm25, network], [task], { draws });
    expect(none).toEqual({ tasks: [], skipped: { 'retrieval.image': { bm25: 'the queries hold no text' } } });
  });

  test('as text, as plain JSON and as a page, in which names are no markup', async () => {
    const odd: System = { ...fileOf(), name: '<b>file' };
    const random: System = { ...(await baselineOf('random').open(shop)), name: '<i>random' };
    const compared = await compareSystems([odd, random], [task], { draws });
    expect(comparisonText(compared)).toMatch(
      /retrieval\.image .*: 24 queries, 40 items[\s\S]*won, lost[\s\S]*<i>random/,
    );
    expect(JSON.parse(JSON.stringify(comparisonJson(compared)))).toEqual(comparisonJson(compared));
    const page = await comparisonPage(compared, shop, pixels);
    expect(page).not.toMatch(/<b>file|<i>random/);
    expect(page).toContain('both maps of the items');
  });
});

describe('baselines', () => {
  test('BM25 is the control of the same name', async () => {
    const [words] = tasksOf({ catalogue: shop, split: 'val' }, ['retrieval.text']);
    const measured = async (name: string) => {
      const system = await baselineOf(name).open(shop);
      return (await evaluateSystem(system, shop, [words], { split: 'val', draws })).tasks[0];
    };
    expect((await measured('bm25')).metrics).toEqual((await measured('random')).controls.bm25);
  });

  test('an unknown one is named with those there are', () => {
    expect(() => baselineOf('bm26')).toThrow('expected random | bm25');
  });
});

describe('evaluateSystem', () => {
  test('has the metrics of the network itself, and a control that knows nothing', async () => {
    const { tasks } = await evaluateSystem(fileOf(), shop, [task], { split: 'val', draws });
    const [{ metrics, controls, n, rows, products }] = tasks;
    const direct = await compareSystems([network], [task], { draws });
    expect(metrics).toEqual(direct.tasks[0].systems[0].metrics);
    expect([n, rows!.length, products]).toEqual([24, 24, 'unknown']);
    expect(controls.shuffledQueries!.MRR.value).toBeLessThan(0.3);
  });

  test('refuses a file that knows nothing, with the reason a task', async () => {
    const rows = { ids: ['x', 'y'], vectors: Float32Array.of(1, 0, 0, 1), width: 2 };
    const strange = embeddingSystem('other.npy', { products: rows }, shop);
    await expect(evaluateSystem(strange, shop, [task], { split: 'val' })).rejects.toThrow(
      'other.npy answers no task of the split val. retrieval.image: it knows none of the queries.',
    );
  });
});

test('same-category: all training products of the same path are right, by the slow way', () => {
  const [own] = sameCategory({ catalogue: shop, split: 'val' });
  const split = (name: string) => new Set(shop.pairs.flatMap((pair) => (pair.split === name ? pair.product : [])));
  const [training, val] = [split('train'), split('val')];
  const path = ({ category }: { category: readonly string[] }) => category.join(' > ');
  const expected = shop.products
    .filter(({ id }) => val.has(id) && !training.has(id))
    .flatMap((product) => {
      const gold = shop.products.filter((each) => training.has(each.id) && path(each) === path(product));
      return gold.length ? [{ id: product.id, gold: gold.map(({ id }) => id) }] : [];
    });
  expect(own.asks.map(({ id, gold }) => ({ id, gold }))).toEqual(expected);
  expect(expected.length).toBeGreaterThan(0);
});
