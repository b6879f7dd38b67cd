import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { areRelated, shopLinks } from '../../src/datasets/shop/relations.js';
import { generateShop } from '../../src/datasets/shop/shop.js';
import { countLeaks } from '../../src/engine/memory.js';
import { randomStream } from '../../src/engine/random.js';
import * as tf from '../../src/engine/tf.js';
import { edgeList } from '../../src/relations/edge.js';
import { scoresOfContent, scoresOfVectors } from '../../src/relations/link-scores.js';
import type { RelationOption } from '../../src/relations/option.js';
import { type Link, rankLinks } from '../../src/relations/rank-links.js';
import { edgeFactors, relatedVectors } from '../../src/relations/related-vectors.js';
import { relationStudy } from '../../src/relations/relations-study.js';
import { trainRelations } from '../../src/relations/train-relations.js';
import { areaUnderCurve } from '../../src/statistics/auc.js';
import { reciprocalRank } from '../../src/tasks/rank-metrics.js';
import { shortConfig } from '../train/run/short-run.js';

/** Items of eight kinds; an item of kind k is complemented by those of kind k + 1, and replaced by its own. */
const KINDS = 8;
const EACH = 20;
const width = 16;
const stream = randomStream(1, 'items');
const centres = Array.from({ length: KINDS }, () => Array.from({ length: width }, () => stream.normal()));
const kinds = Array.from({ length: KINDS * EACH }, (_, item) => item % KINDS);
const content = {
  ids: kinds.map((_, item) => `item ${item}`),
  vectors: Float32Array.from(kinds.flatMap((kind) => centres[kind].map((value) => value + 1.5 * stream.normal()))),
  width,
};
const anyOf = (kind: number) => KINDS * stream.integer(EACH) + (kind % KINDS);
const anyone = () => stream.integer(KINDS * EACH);
const drawn = (step: number, wrong: number) =>
  Array.from({ length: 2400 }, (): Link & [number, number] => {
    const from = anyone();
    return [from, stream.uniform() < wrong ? anyone() : anyOf(kinds[from] + step)];
  });
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('a model of relations', () => {
  const wrong = 0.4;
  const edges = { substitute: edgeList(drawn(0, wrong)), complement: edgeList(drawn(1, wrong)) };
  const asked = drawn(1, 0).slice(0, 200);
  const isOffered = ([, to]: Link, item: number) => kinds[item] !== kinds[to];
  const mrr = (score: ReturnType<typeof scoresOfContent>) =>
    mean(rankLinks(asked, score, isOffered).map(reciprocalRank));

  test('finds complements that contents do not tell, and trusts right edges more than wrong ones', async () => {
    const option = { steps: 600, batch: 128, hidden: 16, alone: 0 };
    const found = async (more: RelationOption) => {
      const { result: model, leaked } = await countLeaks(
        () => trainRelations(content, edges, { ...option, ...more }),
        ({ weights }) => Object.keys(weights).length,
      );
      expect(leaked).toBe(0);
      return { model, mrr: mrr(scoresOfVectors(await relatedVectors(model, content, 'complement', edges.complement))) };
    };
    const full = await found({});
    expect(full.mrr).toBeGreaterThan(0.75);
    expect((await found({ edges: 'equal' })).mrr).toBeLessThan(full.mrr - 0.05);
    expect((await found({ fusion: 'content' })).mrr).toBeLessThan(0.5);
    expect(mrr(scoresOfContent(content))).toBeLessThan(0.3);
    const { from, to } = edges.complement;
    const isRight = [...from].map((item, at) => kinds[to[at]] === (kinds[item] + 1) % KINDS);
    const auc = areaUnderCurve([...edgeFactors(full.model, content, 'complement', edges.complement)], isRight);
    expect(auc(new Float64Array(isRight.length).fill(1))).toBeGreaterThan(0.65);
    const again = await found({});
    for (const [name, weight] of Object.entries(full.model.weights))
      expect([...again.model.weights[name].dataSync()]).toEqual([...weight.dataSync()]);
  });

  test('of items that are all alone in training learns what contents alone teach', async () => {
    const option = { steps: 20, batch: 64, views: 0, sparsity: 0 };
    const [alone, plain] = [
      await trainRelations(content, edges, { ...option, alone: 1 }),
      await trainRelations(content, edges, { ...option, fusion: 'content' }),
    ];
    for (const relation of ['substitute', 'complement']) {
      const [own, other] = [alone, plain].map(({ weights }) => [...weights[`${relation}.match.weight`].dataSync()]);
      expect(own.some((value, at) => Math.abs(value - Number(at % (width + 1) === 0)) > 0.01)).toBe(true);
      own.forEach((value, at) => {
        expect(value).toBeCloseTo(other[at], 4);
      });
    }
    tf.dispose([alone.weights, plain.weights]);
  });

  test('refuses edges that name no item, or are too few, in a sentence', async () => {
    const far = {
      ...edges,
      complement: edgeList([
        [0, 999],
        [1, 2],
      ]),
    };
    await expect(trainRelations(content, far)).rejects.toThrow(
      'complement: an edge names item 999, expected rows from 0 to 159.',
    );
    await expect(trainRelations(content, { ...edges, substitute: edgeList([]) })).rejects.toThrow(
      'substitute: got 0 edges',
    );
    await expect(trainRelations(content, edges, { drop: 2 })).rejects.toThrow('relations.drop: got 2');
  });
});

describe.each(['substitute', 'complement'] as const)('links of a shop: %s', (relation) => {
  const shop = generateShop({ products: 900, trainQueries: 10, evaluationQueries: 1 });
  const facts = shop.products.map(({ id }) => shop.facts.get(id)!);
  const option = { edges: 300, wrong: 0.3, tail: 0.5, edgeless: 0.2, heldOut: 60 };
  const links = shopLinks(shop, relation, option);
  const related = ([from, to]: Link) => areRelated(relation, facts[from], facts[to]);

  test('follow the rule but for the wrong ones, and none is held out and trained', () => {
    expect(links.train.length).toBe(300);
    expect(links.isWrong.filter(Boolean).length).toBe(90);
    links.train.forEach((link, at) => {
      expect(related(link)).toBe(!links.isWrong[at]);
    });
    const held = [...links.dev, ...links.val, ...links.edgeless];
    expect(held.every(related)).toBe(true);
    const key = ([from, to]: Link) => (relation === 'substitute' && from > to ? `${to} ${from}` : `${from} ${to}`);
    const all = [...links.train, ...held].map(key);
    expect(new Set(all).size).toBe(all.length);
  });

  test('leave edgeless items without edges of training, and are the same every time', () => {
    const touched = new Set(links.train.flat());
    for (const [from] of links.edgeless) expect(touched.has(from)).toBe(false);
    expect(shopLinks(shop, relation, option)).toEqual(links);
    expect(() => shopLinks(shop, relation, { ...option, edges: 1e6 })).toThrow(
      `${relation}: this shop of 900 products has`,
    );
    expect(() => shopLinks(shop, relation, { ...option, wrong: 1 })).toThrow('wrong: got 1');
  });
});

test('complements have a direction, substitutes none', () => {
  const shop = generateShop({ products: 300, trainQueries: 10, evaluationQueries: 1 });
  const facts = shop.products.map(({ id }) => shop.facts.get(id)!);
  let complements = 0;
  for (const a of facts)
    for (const b of facts) {
      expect(areRelated('substitute', a, b)).toBe(areRelated('substitute', b, a));
      if (!areRelated('complement', a, b)) continue;
      complements++;
      if (areRelated('complement', b, a)) expect(a.category).not.toBe(b.category);
    }
  expect(complements).toBeGreaterThan(20);
});

test('the study trains every row at every fraction of wrong edges, and resumes', async () => {
  const out = join(mkdtempSync(join(tmpdir(), 'moon-relations-')), 'study');
  const labels: string[] = [];
  const settings = {
    shop: {
      products: 700,
      imageSize: 16,
      views: 1,
      trainQueries: 40,
      evaluationQueries: 1,
      split: { train: 0.9, dev: 0.05, val: 0.05, test: 0 },
    },
    encoder: {
      ...shortConfig,
      captioning: { kind: 'none' as const },
      optimizer: { ...shortConfig.optimizer, steps: 2, accumulate: 1 },
    },
    links: { edges: 150, tail: 0.5, edgeless: 0.2, heldOut: 20 },
    wrong: [0, 40],
    training: { steps: 2, batch: 16 },
  };
  const options = { out, settings, seeds: [1], onProgress: ({ label }: { label: string }) => void labels.push(label) };
  const { tables, measures } = await relationStudy(options);
  expect(tables.map(({ task }) => task.name)).toEqual([
    'substitutes.0',
    'complements.0',
    'substitutes.40',
    'complements.40',
    'substitutes.leaf.40',
    'substitutes.edgeless.40',
    'complements.leaf.40',
    'complements.edgeless.40',
  ]);
  expect(tables[0].rows[0].name).toBe('full');
  expect(tables[0].rows.map(({ name }) => name)).toContain('pairs of leaves');
  expect(Object.keys(measures?.full ?? {})).toEqual([
    'AUC of edges, substitutes, 40%',
    'AUC of edges, complements, 40%',
  ]);
  // Pairs of leaves say nothing within a leaf: all that is offered ties.
  const [inLeaf] = tables.filter(({ task }) => task.name === 'complements.leaf.40');
  const pairs = inLeaf.rows.find(({ name }) => name === 'pairs of leaves')!;
  expect(pairs.metrics.MRR.value).toBeCloseTo(inLeaf.task.chance.MRR, 6);
  labels.length = 0;
  expect((await relationStudy(options)).tables).toEqual(tables);
  expect(labels).toEqual([]);
});
