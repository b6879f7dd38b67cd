import { expect, test } from 'vitest';
import type { Product } from '../../src/data/types.js';
import { countLeaks } from '../../src/engine/memory.js';
import * as tf from '../../src/engine/tf.js';
import { auditNegatives } from '../../src/negatives/audit.js';
import { type SourceName, sourceNames } from '../../src/negatives/options.js';
import { dot, negativesOf, type PlainInput, plain, unitRows, upload } from '../losses/rows.js';

/** 10 and 16 share a title, 11 and 17 and 21 their attributes; 99 is not known, 14 has neither. */
const products: Product[] = [10, 11, 12, 13, 14, 15, 16, 17, 18, 20, 21, 97, 98].map((number) => ({
  id: `p${number}`,
  title: [10, 16].includes(number) ? (number === 10 ? 'Same ' : 'same') : number === 14 ? '' : `Title ${number}`,
  category: [],
  attributes:
    number === 14 ? {} : [11, 17, 21].includes(number) ? twoColours(number) : { code: [`${number}`], colour: ['red'] },
  images: [],
}));
const productOf = (number: number) => products.find(({ id }) => id === `p${number}`);

function twoColours(number: number): Product['attributes'] {
  return number === 11 ? { size: ['1'], colour: ['red', 'blue'] } : { colour: ['blue', 'red'], size: ['1'] };
}

/** Pair by pair. */
function slow(input: PlainInput, source: SourceName) {
  const look = ({ title, attributes }: Product) => ({
    title: title.trim().toLowerCase(),
    attributes: JSON.stringify(
      Object.entries(attributes)
        .map(([name, values]) => [name, [...values].sort()])
        .sort(),
    ),
  });
  const everyone = { ...input, queryProducts: input.queryProducts.map(() => [-5]) };
  const found = { pairs: 0, products: 0, sameProduct: 0, sameTitle: 0, sameAttributes: 0, nearer: 0 };
  const cosines: number[] = [];
  input.queries.forEach((query, at) => {
    const [row] = input.positiveOf[at];
    const bought = productOf(input.itemProducts[row]);
    const own = negativesOf(input, at).filter((each) => each.source === source);
    found.pairs += own.length;
    found.products += new Set(own.map(({ product }) => product)).size / input.queries.length;
    found.sameProduct += negativesOf(everyone, at).filter((each) => each.source === source).length - own.length;
    for (const each of own) {
      const other = productOf(each.product);
      cosines.push(dot(query, each.row));
      if (dot(query, each.row) >= dot(query, input.items[row])) found.nearer++;
      if (!other || !bought || bought.id === 'p14' || other.id === 'p14') continue;
      if (look(bought).title === look(other).title) found.sameTitle++;
      if (look(bought).attributes === look(other).attributes) found.sameAttributes++;
    }
  });
  return { ...found, cosines: cosines.sort((a, b) => a - b) };
}

test('counts, by source, what a walk over all pairs counts', () => {
  const audit = auditNegatives(upload(plain), productOf);
  expect(audit.queries).toBe(8);
  expect(audit.sources.map(({ source }) => source).sort()).toEqual([...sourceNames].sort());
  for (const { source, similarity, products, ...counts } of audit.sources) {
    const { cosines, products: expected, ...rest } = slow(plain, source);
    expect(counts, source).toEqual(rest);
    expect(products).toBeCloseTo(expected, 10);
    const at = (fraction: number) => cosines[Math.max(0, Math.ceil(fraction * cosines.length) - 1)];
    const quantiles = { min: 0, quarter: 0.25, median: 0.5, threeQuarters: 0.75, max: 1 };
    for (const [name, fraction] of Object.entries(quantiles))
      expect(Math.abs(similarity![name as 'min'] - at(fraction))).toBeLessThan(0.0011);
  }
  const totals = (name: 'sameTitle' | 'sameAttributes' | 'sameProduct') =>
    audit.sources.reduce((sum, source) => sum + source[name], 0);
  expect(totals('sameTitle')).toBeGreaterThan(0);
  expect(totals('sameAttributes')).toBeGreaterThan(0);
  expect(totals('sameProduct')).toBeGreaterThan(0);
});

test('names the hardest pairs', () => {
  const { hardest } = auditNegatives(upload(plain), productOf, { hardest: 6 });
  const pairs = plain.queries.flatMap((query, at) =>
    negativesOf(plain, at).map(({ source, row, product }) => ({
      source,
      query: at,
      negative: product,
      cosine: dot(query, row),
    })),
  );
  const expected = pairs.sort((a, b) => b.cosine - a.cosine).slice(0, 6);
  hardest.forEach((pair, at) => {
    const [row] = plain.positiveOf[pair.query];
    const { source, query, negative, cosine } = expected[at];
    expect(pair).toMatchObject({ source, query, negative, positive: plain.itemProducts[row] });
    expect(pair.similarity).toBeCloseTo(cosine, 5);
    expect(pair.positiveSimilarity).toBeCloseTo(dot(plain.queries[query], plain.items[row]), 5);
  });
  expect(hardest).toHaveLength(6);
  expect(auditNegatives(upload(plain), productOf, { hardest: 0 }).hardest).toEqual([]);
});

test('a batch of one has no pair; equal products are all left out', () => {
  const one = {
    queries: unitRows(1, 'a'),
    items: unitRows(1, 'b'),
    positiveOf: [[0]],
    queryProducts: [[10]],
    itemProducts: [10],
  };
  expect(auditNegatives(upload(one), productOf).sources).toMatchObject([
    { source: 'inBatch', pairs: 0, similarity: null },
  ]);
  const same = {
    queries: plain.queries,
    items: plain.items,
    positiveOf: plain.positiveOf.map(([row]) => [row]),
    queryProducts: plain.queries.map(() => [10]),
    itemProducts: plain.items.map(() => 10),
  };
  expect(auditNegatives(upload(same), productOf).sources).toMatchObject([{ pairs: 0, sameProduct: 8 * 11 }]);
});

test('a queue longer than all items shows as few products for many pairs', () => {
  const queue = { embeddings: unitRows(60, 'long'), products: Array.from({ length: 60 }, (_, at) => 10 + (at % 3)) };
  const { sources } = auditNegatives(upload({ ...plain, queue }), productOf);
  const temporal = sources.find(({ source }) => source === 'temporal')!;
  expect(temporal.pairs / 8).toBeGreaterThan(30);
  expect(temporal.products).toBeLessThanOrEqual(3);
});

test('what is not finite is refused by its place', () => {
  const input = upload(plain);
  const spoilt = tf.where(tf.equal(input.items, input.items.arraySync()[4][2]), Number.NaN, input.items) as tf.Tensor2D;
  expect(() => auditNegatives({ ...input, items: spoilt }, productOf)).toThrow(
    '1 of 12 embeddings are not finite (item 4, product number 14).',
  );
});

test('leaves nothing behind', async () => {
  const input = upload(plain);
  const { leaked } = await countLeaks(() => auditNegatives(input, productOf));
  expect(leaked).toBe(0);
});
