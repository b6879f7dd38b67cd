import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { MoonConfig } from '../../../src/config/config.js';
import { collectTrainingSet } from '../../../src/data/training-set.js';
import type { Catalogue } from '../../../src/data/types.js';
import { redrawProduct } from '../../../src/datasets/shop/shop.js';
import { prepare } from '../../../src/encoder/prepare.js';
import { countLeaks } from '../../../src/engine/memory.js';
import { randomStream } from '../../../src/engine/random.js';
import { decodeImage } from '../../../src/pictures/image.js';
import { samplerOption } from '../../../src/sampler/option.js';
import { sampleStep } from '../../../src/sampler/sample.js';
import { enrichCatalogue, enrichText } from '../../../src/train/enrich/enrich-catalogue.js';
import { writeCaptions } from '../../../src/train/enrich/write-captions.js';
import { train } from '../../../src/train/loop.js';
import { readManifest } from '../../../src/train/run/manifest.js';
import { trainRun } from '../../../src/train/run/train-run.js';
import { networks } from '../../needs.js';
import { drawn, scene } from '../../regions/scenes.js';
import { shortConfig, shortShop } from '../run/short-run.js';

const shop = shortShop();
const none = { kind: 'none' } as const;
const with2 = (enrich: Partial<NonNullable<MoonConfig['enrich']>>): MoonConfig => ({
  ...shortConfig,
  captioning: none,
  enrich: { views: none, titles: none, consistency: none, ...enrich },
});

describe('of a generated shop', () => {
  test('redraws the products of training alone, as other pictures of the same product', async () => {
    const { catalogue, report } = await enrichCatalogue(with2({ views: { kind: 'redraw', count: 2 } }), shop);
    const trained = new Set(shop.pairs.flatMap(({ product, split }) => (split === 'train' ? product : [])));
    expect(new Set(catalogue.enriched!.keys())).toEqual(trained);
    expect(report).toMatchObject({ views: { made: 2 * trained.size, dropped: [] }, titles: { made: 0 } });
    expect(enrichText(report!)).toBe(`${2 * trained.size} views generated, 0 dropped`);
    const [id, { views }] = [...catalogue.enriched!][0];
    const main = catalogue.products.find((product) => product.id === id)!.images[0];
    const size = { width: 24, height: 24, fit: 'stretch' } as const;
    const [a, b, c] = await Promise.all([main, ...views].map(({ source }) => decodeImage(source, size)));
    expect(a.data).not.toEqual(b.data);
    expect(b.data).not.toEqual(c.data);
    expect(catalogue.products).toBe(shop.products);
  });

  test('items show views and longer titles; queries show neither', async () => {
    const [id] = collectTrainingSet(shop).products.map(({ product }) => product.id);
    const views = redrawProduct(shop, id, 3);
    const enriched = new Map([[id, { views, title: 'generated words' }]]);
    const set = collectTrainingSet({ ...shop, enriched });
    const options = samplerOption({ ...shortConfig.sampler, products: 40, forms: 'each', queries: 3 });
    const seen = new Set<string>();
    for (let step = 0; step < 12; step++) {
      const sample = sampleStep(set, options, randomStream(step, 'enrich'));
      const row = sample.items.findIndex(({ product }) => product.id === id);
      if (sample.itemImages[row]) seen.add(sample.itemImages[row]!.id);
      expect(sample.items[row].shown!.title).toMatch(/ generated words$/);
      for (const { image, text } of sample.queries) {
        expect(views.map((view) => view.id)).not.toContain(image?.id);
        expect(text ?? '').not.toContain('generated');
      }
    }
    expect(views.some((view) => seen.has(view.id))).toBe(true);
  });

  test('the same run writes the same texts, and leaves nothing behind', async () => {
    const config = with2({ titles: { kind: 'caption', steps: 6, tokens: 5 } });
    const { result, leaked } = await countLeaks(() => enrichCatalogue(config, shop));
    expect(leaked).toBe(0);
    const titles = [...result.catalogue.enriched!].map(([, { title }]) => title);
    const again = await enrichCatalogue(config, shop);
    expect([...again.catalogue.enriched!].map(([, { title }]) => title)).toEqual(titles);
    expect(result.report!.titles.made + result.report!.titles.without.length).toBe(titles.length);
  });

  test('captions read the picture and not the record', async () => {
    const { encoder, pixels } = await prepare(
      { ...with2({}), network: { ...shortConfig.network, depth: 2 } as never },
      shop,
    );
    const some = shop.products.slice(0, 5);
    const bare = some.map((product) => ({
      ...product,
      title: 'other',
      category: ['x'],
      attributes: { colour: ['y'] },
    }));
    const texts = await writeCaptions(encoder, some, pixels, 6);
    expect(texts.some((text) => text.length > 0)).toBe(true);
    expect(await writeCaptions(encoder, bare, pixels, 6)).toEqual(texts);
    expect(await writeCaptions(encoder, [{ ...some[0], images: [] }], pixels, 6)).toEqual(['']);
    encoder.parameters.dispose();
  });

  test('a run says what was generated, and training without it is refused', async () => {
    const config = with2({ views: { kind: 'redraw', count: 1 } });
    const folder = join(mkdtempSync(join(tmpdir(), 'moon-enrich-')), 'run');
    const run = await trainRun(folder, config, shop);
    run.encoder.parameters.dispose();
    expect(readManifest(folder).pictures).toMatchObject({ missing: {} });
    expect(readManifest(folder).enriched).toMatch(/^\d+ views generated, 0 dropped$/);
    expect(JSON.parse(readFileSync(join(folder, 'enriched.json'), 'utf8')).views.dropped).toEqual([]);
    const { encoder, pixels } = await prepare(config, shop);
    await expect(train(encoder, shop, pixels)).rejects.toThrow('enrichCatalogue(config, catalogue)');
    encoder.parameters.dispose();
  });
});

test('a real product is cut out and set on another background, inside the view', async () => {
  const image = drawn(scene([64, 64], [16, 8, 48, 56]), 'bright');
  const dark = drawn({ width: 32, height: 32, data: new Uint8Array(32 * 32 * 3).fill(20) }, 'dark');
  const product = (id: string, images: Catalogue['products'][number]['images']) => ({
    id,
    title: id,
    category: [],
    attributes: {},
    images,
  });
  const catalogue: Catalogue = {
    adapter: 'table',
    root: '',
    products: [product('bright', [image]), product('dark', [dark]), product('none', [])],
    pairs: ['bright', 'dark', 'none'].map((id) => ({ query: { id, text: id }, product: id, split: 'train' })),
    issues: [],
  };
  const model = 'test/fixtures/regions/brightness.onnx';
  const { catalogue: made, report } = await enrichCatalogue(
    with2({ views: { kind: 'redraw', count: 3, model } }),
    catalogue,
  );
  expect(report!.views).toEqual({ made: 3, dropped: [], without: ['dark', 'none'] });
  const corners = new Set<string>();
  for (const { source, box } of made.enriched!.get('bright')!.views) {
    const { data, width, height } = await decodeImage(source, { width: 128, height: 128, fit: 'stretch' });
    expect(Math.min(box!.x1, box!.y1, 1 - box!.x2, 1 - box!.y2)).toBeGreaterThan(-1e-6);
    const at = (x: number, y: number) => {
      const start = 3 * (Math.floor(y * height) * width + Math.floor(x * width));
      return [...data.subarray(start, start + 3)];
    };
    // The rectangle has 220 to 239, and the mask says how bright a pixel is.
    for (const value of at((box!.x1 + box!.x2) / 2, (box!.y1 + box!.y2) / 2)) expect(value).toBeGreaterThan(200);
    corners.add(JSON.stringify(at(0.01, 0.01)));
  }
  expect(corners.size).toBe(3);
});

test('views and texts that do not fit are dropped, and listed with their cosine', { tags: ['networks'] }, async () => {
  const minilm = join(networks, 'minilm');
  const { report } = await enrichCatalogue(
    with2({
      views: { kind: 'redraw', count: 1 },
      titles: { kind: 'caption', steps: 2, tokens: 4 },
      consistency: {
        kind: 'frozen',
        pictureEncoder: join(networks, 'efficientnet-lite0'),
        textEncoder: minilm,
        minView: 0.6,
        minTitle: 0.9,
      },
    }),
    shop,
  );
  const { views, titles } = report!;
  expect(titles.dropped.length).toBe(titles.made);
  for (const { cosine } of titles.dropped) expect(cosine).toBeLessThan(0.9);
  expect(views.dropped.every(({ cosine }) => cosine < 0.6)).toBe(true);
  expect(views.dropped.length).toBeLessThan(views.made);
});
