import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { MoonConfig } from '../../../src/config/config.js';
import type { Catalogue } from '../../../src/data/types.js';
import { grocery } from '../../../src/datasets/grocery/recipes.js';
import { generateShop } from '../../../src/datasets/shop/shop.js';
import { embed } from '../../../src/encoder/embed-inputs.js';
import type { Encoder } from '../../../src/encoder/encoder.js';
import { startNetwork } from '../../../src/encoder/start-network.js';
import { countLeaks } from '../../../src/engine/memory.js';
import { embedCatalogue } from '../../../src/evaluate/embed/embed-catalogue.js';
import { type EmbedSource, networkSource } from '../../../src/evaluate/embed/embed-source.js';
import { queriesBeside, readEmbeddingFile } from '../../../src/search/files/embedding-file.js';

const shop = generateShop({ products: 30, trainQueries: 30, evaluationQueries: 3, imageSize: 24, views: 1 });
const config: MoonConfig = {
  ...grocery,
  network: { size: 'nano', vocabulary: 400, stem: { kind: 'patch' } },
  imageSize: 32,
  region: { kind: 'centre' },
};
/** Equal to the bit whatever is padded. */
const plain = { ...config, engine: { ...config.engine, compile: false } };
const part = 8;

let encoder: Encoder;
let source: EmbedSource;
beforeAll(async () => {
  encoder = startNetwork(plain, shop);
  source = await networkSource(encoder);
});

const fresh = () => join(mkdtempSync(join(tmpdir(), 'moon-embed-')), 'shop.parquet');
const bytesOf = (out: string) => [out, queriesBeside(out)].map((file) => readFileSync(file).toString('base64'));

describe('embedCatalogue', () => {
  test('gives the vectors of the network, with the fields of each row, and frees its tensors', async () => {
    const out = fresh();
    const { result, leaked } = await countLeaks(() => embedCatalogue(source, shop, { out, queries: 'val', part }));
    expect(leaked).toBe(0);
    expect(result.map(({ rows }) => rows)).toEqual([30, 9]);
    const { rows } = await readEmbeddingFile(out);
    const direct = await embed(encoder, shop.products);
    expect(rows.ids).toEqual(direct.ids);
    rows.vectors.forEach((value, at) => void expect(value).toBeCloseTo(direct.vectors[at], 5));
    const [{ title, category, attributes }] = shop.products;
    const first = Object.fromEntries(Object.entries(rows.fields).map(([name, values]) => [name, values[0]]));
    expect(first).toMatchObject({ title, category: category.join(' > '), image: null });
    for (const [name, values] of Object.entries(attributes)) expect(first[name], name).toBe(values.join(', '));
    const { rows: asked } = await readEmbeddingFile(queriesBeside(out));
    const pairs = shop.pairs.filter(({ split }) => split === 'val');
    expect(asked.ids).toEqual([...new Set(pairs.map(({ query }) => query.id))]);
    expect(asked.fields.products[0]).toBe(JSON.stringify([pairs[0].product]));
    expect(readdirSync(join(out, '..')).sort()).toEqual(['shop.parquet', 'shop.queries.parquet']);
  });

  test('resumes after an interruption, and shares the work, to the same bytes', async () => {
    const whole = fresh();
    await embedCatalogue(source, shop, { out: whole, queries: 'val', part });

    const resumed = fresh();
    const stop = new AbortController();
    const interrupted = embedCatalogue(source, shop, {
      out: resumed,
      queries: 'val',
      part,
      signal: stop.signal,
      onProgress: ({ done }) => done >= 2 * part && stop.abort(new Error('stopped')),
    });
    await expect(interrupted).rejects.toThrow('stopped');
    expect(existsSync(resumed)).toBe(false);
    let embedded = 0;
    const counting: EmbedSource = {
      ...source,
      embed(...given) {
        embedded++;
        return source.embed(...given);
      },
    };
    await embedCatalogue(counting, shop, { out: resumed, queries: 'val', part });
    // Of four parts of products and two of queries, two were there.
    expect(embedded).toBe(4);
    expect(bytesOf(resumed)).toEqual(bytesOf(whole));

    const shared = fresh();
    for (const index of [2, 0, 1]) {
      const shard = { index, of: 3 };
      expect(await embedCatalogue(source, shop, { out: shared, queries: 'val', part, shard })).toEqual([]);
    }
    expect(existsSync(shared)).toBe(false);
    await embedCatalogue({ ...source, embed: () => expect.fail('all parts are there') }, shop, {
      out: shared,
      queries: 'val',
      part,
    });
    expect(bytesOf(shared)).toEqual(bytesOf(whole));
  });

  test('what shows nothing or cannot be read is left out by name, the rest is embedded', async () => {
    const [one, two, ...others] = shop.products;
    const lost = { id: 'lost.jpg', source: { kind: 'file', path: '/nowhere/lost.jpg' } } as const;
    const odd: Catalogue = {
      ...shop,
      products: [
        { ...one, title: '', category: [], attributes: {}, images: [lost] },
        { ...two, images: [lost] },
        { id: 'empty', title: '', category: [], attributes: {}, images: [] },
        ...others,
      ],
    };
    const out = fresh();
    const [{ rows, left }] = await embedCatalogue(source, odd, { out, part });
    expect(rows).toBe(29);
    expect(left).toEqual([
      [one.id, expect.stringMatching(/lost.jpg|no such file|does not exist/)],
      ['empty', 'it shows nothing that the network reads'],
    ]);
    expect((await readEmbeddingFile(out)).rows.ids).toEqual([two.id, ...others.map(({ id }) => id)]);
  });

  test('parts of other vectors are refused', async () => {
    const out = fresh();
    await embedCatalogue(source, shop, { out, part, shard: { index: 0, of: 2 } });
    const other = { ...source, identity: 'another' };
    await expect(embedCatalogue(other, shop, { out, part })).rejects.toThrow(/holds parts of other vectors/);
  });
});
