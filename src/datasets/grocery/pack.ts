import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { UserError, wrongOption } from '../../checks/error.js';
import { randomStream } from '../../engine/random.js';
import { chooseDev, groupBursts, type LabelledPhoto, nearestPhotoRecall } from '../../pictures/burst-groups.js';

/** The pack that the project ships and that rebuilding takes the hand-written files from. */
export const GROCERY_PACK = fileURLToPath(new URL('../../../data/grocery', import.meta.url));

/** Shorter side in pixels of the shipped photos: a training crop of a quarter of the area is still 64 px wide. */
const PHOTO_SIDE = 128;
/** Iconic images are few, and figures show them large: at least this. */
const ICONIC_SIDE = 160;
const JPEG_QUALITY = 78;
const ICONIC_FOLDER = 'iconic-images-and-descriptions';
/** Of the dev split, and fixed: a pack made again has the same dev photos. */
const SEED = 0;

export interface PackedFiles {
  photos: number;
  iconic: number;
  texts: number;
  /** Of everything written. */
  bytes: number;
}

/**
 * Write the original GroceryStore layout of folder `from` to folder `to`, with the images made small: the photos that train.txt
 * and val.txt list, every iconic image, and all texts byte for byte. The licence is looked for in `from` and beside it, and the
 * hand-written attributes.json comes from the shipped pack. The same input gives the same bytes.
 * @param side shorter side of the photos in pixels; a frozen encoder that looks at 224 px wants more than the shipped pack has
 * @throws UserError at the first listed file that is missing or broken: a pack with holes would be read as the whole set
 */
export async function packGrocery(from: string, to: string, side = PHOTO_SIDE): Promise<PackedFiles> {
  if (!(Number.isInteger(side) && side >= 16))
    throw wrongOption('--side', side, 'a whole number of at least 16 pixels');
  if (resolve(from) === resolve(to)) {
    throw new UserError(`data pack: got '${to}' as source and target, expected two folders; name another target.`);
  }
  const photos = [...(await listedPhotos(from, 'train.txt')), ...(await listedPhotos(from, 'val.txt'))];
  const licence = [join(from, 'LICENSE'), join(from, '..', 'LICENSE')].find((path) => existsSync(path));
  if (!licence)
    throw new UserError(`data pack: '${from}' has no LICENSE in it or beside it; put the data's licence there.`);
  const described = await filesBelow(from, ICONIC_FOLDER);
  const iconic = described.filter((path) => path.endsWith('.jpg'));
  const texts = ['classes.csv', 'train.txt', 'val.txt', ...described.filter((path) => path.endsWith('.txt'))];

  let bytes = await write(join(to, 'LICENSE'), await readFile(licence));
  bytes += await write(join(to, 'attributes.json'), await readFile(join(GROCERY_PACK, 'attributes.json')));
  for (const path of texts) bytes += await write(join(to, path), await readFile(join(from, path)));
  for (const { path } of photos) bytes += await write(join(to, path), await shrink(join(from, path), side));
  for (const path of iconic)
    bytes += await write(join(to, path), await shrink(join(from, path), Math.max(side, ICONIC_SIDE)));
  return { photos: photos.length, iconic: iconic.length, texts: texts.length, bytes };
}

/** What groups.json holds. */
export interface GroceryGroups {
  /** Photo path as in train.txt and val.txt -> id of its burst. */
  groups: Record<string, string>;
  /** Ids of the groups that are dev and not training. */
  dev: string[];
  /** Measured with the features that made the groups. */
  check: NearestPhotoCheck;
}

/**
 * Recall@1 of the nearest training photo, in percent. Dev should be close to val; a random split measures memory of bursts.
 */
export interface NearestPhotoCheck {
  /** As many random training photos as dev has, against the rest. */
  random: number;
  /** Dev photos against the training photos of other groups. */
  dev: number;
  /** Validation photos against the same training photos. */
  val: number;
}

/**
 * The burst groups and the dev split of a folder in the original layout. `features` gives a row of length 1 for each
 * image file; the shipped groups are made with `frozenFeatures` of the original photos.
 */
export async function groceryGroups(
  folder: string,
  features: (files: string[]) => Promise<Float32Array[]>,
): Promise<GroceryGroups> {
  const train = await listedPhotos(folder, 'train.txt');
  const photos = [...train, ...(await listedPhotos(folder, 'val.txt'))];
  const rows = await features(photos.map(({ path }) => join(folder, path)));
  const groups = groupBursts(photos, rows);
  const dev = chooseDev(train, groups, randomStream(SEED, 'dev'));

  const labelled = photos.map(({ path, product }, i) => ({ product, row: rows[i], isDev: dev.includes(groups[path]) }));
  const listed = labelled.slice(0, train.length);
  const devRows = listed.filter(({ isDev }) => isDev);
  const trainRows = listed.filter(({ isDev }) => !isDev);
  const mixed = randomStream(SEED, 'random split').shuffle(listed);
  const percent = (recall: number) => Math.round(1000 * recall) / 10;
  return {
    groups,
    dev,
    check: {
      random: percent(nearestPhotoRecall(mixed.slice(0, devRows.length), mixed.slice(devRows.length))),
      dev: percent(nearestPhotoRecall(devRows, trainRows)),
      val: percent(nearestPhotoRecall(labelled.slice(train.length), trainRows)),
    },
  };
}

/** The photos of one of the set's lists (lines `path, fine id, coarse id`); the product is the fine id. */
export async function listedPhotos(folder: string, list: 'train.txt' | 'val.txt'): Promise<LabelledPhoto[]> {
  const file = join(folder, list);
  if (!existsSync(file)) {
    throw new UserError(
      `data pack: '${folder}' has no ${list}; give the folder of classes.csv, train.txt and val.txt.`,
    );
  }
  const photos: LabelledPhoto[] = [];
  for (const [index, line] of (await readFile(file, 'utf8')).split('\n').entries()) {
    if (line.trim() === '') continue;
    const [path, product] = line.split(',').map((field) => field.trim());
    if (!product || isAbsolute(path) || path.split('/').includes('..')) {
      throw new UserError(
        `data pack: ${list}, line ${index + 1}: got '${line.trim()}', expected 'path, fine id, coarse id'.`,
      );
    }
    photos.push({ path, product });
  }
  return photos;
}

/** Files below one folder, relative to `root`, sorted: the order of a directory differs between disks. */
async function filesBelow(root: string, folder: string): Promise<string[]> {
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
  const start = resolve(root).length + 1;
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => resolve(entry.parentPath, entry.name).slice(start))
    .sort();
}

async function write(file: string, bytes: Uint8Array): Promise<number> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, bytes);
  return bytes.length;
}

/** One image as JPEG with its shorter side at most `side` pixels, upright, without metadata. */
async function shrink(file: string, side: number): Promise<Uint8Array> {
  try {
    return await sharp(file)
      .autoOrient()
      .resize(side, side, { fit: 'outside', withoutEnlargement: true })
      .jpeg({ quality: JPEG_QUALITY, mozjpeg: true })
      .toBuffer();
  } catch (error) {
    throw new UserError(`data pack: '${file}' cannot be read as an image (${(error as Error).message}).`);
  }
}
