import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GROCERY_PACK, type GroceryGroups, listedPhotos, packGrocery } from '../../../src/datasets/grocery/pack.js';
import { groupBursts } from '../../../src/pictures/burst-groups.js';
import { frozenFeatures } from '../../../src/pictures/frozen/frozen-features.js';
import { moonLab } from '../../cli/moon-lab.js';
import { sharedData } from '../../needs.js';

const ORIGINAL = join(sharedData, 'grocery-store/dataset');
const NETWORK = join(sharedData, 'models/efficientnet-lite0');

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'grocery-pack-'));
});
afterAll(() => rm(scratch, { recursive: true }));

async function put(folder: string, files: Record<string, string | Uint8Array>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}

const plain = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: '#4080c0' } });

/** A whole data set of two photos, one product. */
async function smallSet(name: string): Promise<string> {
  const folder = join(scratch, name);
  const product = 'iconic-images-and-descriptions/Fruit/A Kiwi';
  await put(folder, {
    LICENSE: 'MIT',
    'classes.csv': `Class Name\r\nA Kiwi,0,Kiwi,0,/${product}/A Kiwi_Iconic.jpg,/${product}/A Kiwi_Description.txt\r\n`,
    'train.txt': 'train/Fruit/A Kiwi/A Kiwi_001.jpg, 0, 0\n',
    'val.txt': 'val/Fruit/A Kiwi/A Kiwi_001.jpg, 0, 0\n\n',
    'train/Fruit/A Kiwi/A Kiwi_001.jpg': await plain(348, 464).withMetadata({ orientation: 6 }).jpeg().toBuffer(),
    'val/Fruit/A Kiwi/A Kiwi_001.jpg': await plain(100, 90).jpeg().toBuffer(),
    [`${product}/A Kiwi_Iconic.jpg`]: await plain(198, 198).jpeg().toBuffer(),
    [`${product}/A Kiwi_Description.txt`]: '\uFEFFhairy\r\n',
  });
  return folder;
}

describe('packGrocery', () => {
  test('photos small, upright and without metadata, texts as they are, the same bytes again', async () => {
    const from = await smallSet('whole');
    const [first, second] = [join(scratch, 'first'), join(scratch, 'second')];
    expect(await packGrocery(from, first)).toMatchObject({ photos: 2, iconic: 1, texts: 4 });
    expect((await moonLab('data', 'pack', from, second)).code).toBe(0);
    for (const path of await filesOf(first))
      expect(await readFile(join(second, path))).toEqual(await readFile(join(first, path)));
    for (const path of [
      'train.txt',
      'classes.csv',
      'iconic-images-and-descriptions/Fruit/A Kiwi/A Kiwi_Description.txt',
    ])
      expect(await readFile(join(first, path))).toEqual(await readFile(join(from, path)));

    const train = await sharp(join(first, 'train/Fruit/A Kiwi/A Kiwi_001.jpg')).metadata();
    expect(train).toMatchObject({ width: 171, height: 128 });
    expect([train.orientation, train.exif]).toEqual([undefined, undefined]);
    const val = await sharp(join(first, 'val/Fruit/A Kiwi/A Kiwi_001.jpg')).metadata();
    expect(val).toMatchObject({ width: 100, height: 90 });
  });

  test.each<[string, Record<string, string>, RegExp]>([
    [
      'text named .jpg',
      { 'val/Fruit/A Kiwi/A Kiwi_001.jpg': 'not a photo' },
      /A Kiwi_001\.jpg' cannot be read as an image/,
    ],
    ['a missing photo', { 'val.txt': 'val/gone.jpg, 0, 0\n' }, /gone\.jpg' cannot be read/],
    ['a path that leaves the folder', { 'val.txt': 'a.jpg, 0, 0\n../b.jpg, 0, 0\n' }, /val\.txt, line 2/],
    ['a line without fields', { 'train.txt': 'train/a.jpg\n' }, /train\.txt, line 1/],
  ])('refuses %s', async (name, changes, message) => {
    const from = await smallSet(name);
    await put(from, changes);
    await expect(packGrocery(from, join(scratch, 'refused'))).rejects.toThrow(message);
  });

  test('refuses a folder that is no data set, one without a licence, and its own source as target', async () => {
    const from = await smallSet('bare');
    await rm(join(from, 'LICENSE'));
    await expect(packGrocery(from, join(scratch, 'refused'))).rejects.toThrow(/no LICENSE/);
    await expect(packGrocery(from, `${from}/.`)).rejects.toThrow(/Choose another target/);
    await expect(packGrocery(scratch, join(scratch, 'refused'))).rejects.toThrow(/no train\.txt/);
  });
});

describe('the shipped pack', () => {
  const json = async (file: string) => JSON.parse(await readFile(join(GROCERY_PACK, file), 'utf8'));

  test('holds every listed photo, 128 px on its shorter side, in less than 20 MB', async () => {
    const photos = [
      ...(await listedPhotos(GROCERY_PACK, 'train.txt')),
      ...(await listedPhotos(GROCERY_PACK, 'val.txt')),
    ];
    expect(photos).toHaveLength(2640 + 296);
    for (const { path } of photos) {
      const { width, height, format } = await sharp(join(GROCERY_PACK, path)).metadata();
      expect([Math.min(width, height), format], path).toEqual([128, 'jpeg']);
    }
    // What runs keep beside the data is not part of the pack.
    const files = (await filesOf(GROCERY_PACK)).filter((path) => !path.startsWith('.moon'));
    expect(files.filter((path) => path.endsWith('_Iconic.jpg'))).toHaveLength(81);
    const sizes = await Promise.all(files.map(async (path) => (await stat(join(GROCERY_PACK, path))).size));
    expect(sizes.reduce((a, b) => a + b)).toBeLessThan(20e6);
  });

  test('groups: every photo in one, none across products or splits, dev about 15% and a quarter of a product at most', async () => {
    const { groups, dev, check } = (await json('groups.json')) as GroceryGroups;
    const train = await listedPhotos(GROCERY_PACK, 'train.txt');
    const val = await listedPhotos(GROCERY_PACK, 'val.txt');
    expect(Object.keys(groups)).toEqual([...train, ...val].map(({ path }) => path));
    for (const [path, group] of Object.entries(groups)) expect(group.split('#')[0]).toBe(dirname(path));
    const inDev = train.filter(({ path }) => dev.includes(groups[path]));
    expect(inDev.length / train.length).toBeCloseTo(0.15, 2);
    expect(val.some(({ path }) => dev.includes(groups[path]))).toBe(false);
    for (const product of new Set(train.map((photo) => photo.product))) {
      const count = (photos: typeof train) => photos.filter((photo) => photo.product === product).length;
      expect(count(inDev)).toBeLessThanOrEqual(count(train) / 4);
    }
    expect(Math.abs(check.dev - check.val)).toBeLessThan(10);
  });

  test('attributes: all 81 products, lower case, mostly shared, never the name of the product', async () => {
    const attributes = (await json('attributes.json')) as Record<string, Record<string, string[]>>;
    const lines = (await readFile(join(GROCERY_PACK, 'classes.csv'), 'utf8')).trim().split('\n').slice(1);
    expect(Object.keys(attributes)).toEqual(lines.map((line) => line.split(',')[0]));
    const uses = new Map<string, number>();
    for (const [product, named] of Object.entries(attributes)) {
      expect(Object.keys(named)).toEqual(expect.arrayContaining(['form', 'kind', 'colour']));
      for (const [name, values] of Object.entries(named)) {
        expect(new Set(values).size).toBe(values.length);
        for (const value of values) {
          expect(value).toBe(value.trim().toLowerCase());
          // The fruit called orange is orange.
          if (name !== 'colour') expect(value).not.toBe(product.replaceAll('-', ' ').toLowerCase());
          uses.set(`${name}: ${value}`, (uses.get(`${name}: ${value}`) ?? 0) + 1);
        }
      }
    }
    const shared = [...uses.values()].filter((count) => count > 1).length;
    expect(shared / uses.size).toBeGreaterThan(0.8);
  });
});

describe('beside the original set', { tags: ['data'] }, () => {
  const product = 'Fruit/Pear/Kaiser';

  test('rebuilding gives the shipped bytes, photos and texts', async () => {
    const from = join(scratch, 'part');
    const texts = `iconic-images-and-descriptions/${product}`;
    const photos = (await listedPhotos(ORIGINAL, 'train.txt')).filter(({ path }) => path.includes(product)).slice(0, 8);
    await put(from, {
      'classes.csv': await readFile(join(ORIGINAL, 'classes.csv')),
      'train.txt': photos.map(({ path }) => `${path}, 22, 14\n`).join(''),
      'val.txt': '',
    });
    for (const path of [
      ...photos.map((photo) => photo.path),
      ...(await filesOf(join(ORIGINAL, texts))).map((file) => `${texts}/${file}`),
    ]) {
      await mkdir(dirname(join(from, path)), { recursive: true });
      await copyFile(join(ORIGINAL, path), join(from, path));
    }
    await copyFile(join(ORIGINAL, '../LICENSE'), join(from, 'LICENSE'));
    const to = join(scratch, 'rebuilt');
    await packGrocery(from, to);
    const rebuilt = (await filesOf(to)).filter((path) => path !== 'train.txt' && path !== 'val.txt');
    expect(rebuilt.length).toBe(8 + 3 + 3);
    for (const path of rebuilt)
      expect(await readFile(join(to, path)), path).toEqual(await readFile(join(GROCERY_PACK, path)));
  });

  test('the frozen network finds the shipped groups of a product again', async () => {
    const photos = (await listedPhotos(ORIGINAL, 'train.txt')).filter(({ path }) => path.includes(product));
    const rows = await frozenFeatures(
      NETWORK,
      photos.map(({ path }) => join(ORIGINAL, path)),
    );
    for (const row of rows) expect(Math.hypot(...row)).toBeCloseTo(1, 5);
    const { groups } = JSON.parse(await readFile(join(GROCERY_PACK, 'groups.json'), 'utf8')) as GroceryGroups;
    const found = groupBursts(photos, rows);
    expect(found).toEqual(Object.fromEntries(photos.map(({ path }) => [path, groups[path]])));
    expect(new Set(Object.values(found)).size).toBeGreaterThan(2);
  });
});

async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true });
  const files = await Promise.all(
    entries.map(async (path) => ((await stat(join(folder, path))).isFile() ? [path] : [])),
  );
  return files.flat().sort();
}
