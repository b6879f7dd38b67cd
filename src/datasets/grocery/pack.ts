import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { UserError, wrongOption } from '../../checks/error.js';
import { randomStream } from '../../engine/random.js';
import { chooseDev, groupBursts, type LabelledPhoto, nearestPhotoRecall } from '../../pictures/burst-groups.js';

/**
 * The pack in this repository. `packGrocery` copies the hand-written files from it.
 * @example
 * ```ts
 * const catalogue = await moon.openCatalogue(moon.GROCERY_PACK);
 * console.log(catalogue.products.length); // 81
 * ```
 */
export const GROCERY_PACK = fileURLToPath(new URL('../../../data/grocery', import.meta.url));

/** Shorter side of packed photos in pixels: a training crop of a quarter of the area is still 64 pixels wide. */
const PHOTO_SIDE = 128;
/** Minimum shorter side of iconic images in pixels. They are few, and figures show them large. */
const ICONIC_SIDE = 160;
const JPEG_QUALITY = 78;
const ICONIC_FOLDER = 'iconic-images-and-descriptions';
/** Fixed seed of the dev split, so that a new pack has the same dev photos. */
const SEED = 0;

export interface PackedFiles {
  photos: number;
  iconic: number;
  texts: number;
  /** Total bytes written. */
  bytes: number;
}

/**
 * Copy an original GroceryStore folder `from` to `to` with smaller images: the photos of train.txt and val.txt, every iconic image, and all
 * texts unchanged. The licence is taken from `from` or its parent folder, and attributes.json from the pack in this repository. The same
 * input gives the same bytes.
 * @param side shorter side of the photos in pixels; a frozen encoder with 224-pixel input needs more than the default
 * @throws UserError at the first listed file that is missing or damaged, because an incomplete pack would be read as the full data set
 */
export async function packGrocery(from: string, to: string, side = PHOTO_SIDE): Promise<PackedFiles> {
  if (!(Number.isInteger(side) && side >= 16)) throw wrongOption('--side', side, 'an integer of at least 16 pixels');
  if (resolve(from) === resolve(to)) {
    throw new UserError(`data pack: got '${to}' as source and target, expected two folders. Choose another target.`);
  }
  const photos = [...(await listedPhotos(from, 'train.txt')), ...(await listedPhotos(from, 'val.txt'))];
  const licence = [join(from, 'LICENSE'), join(from, '..', 'LICENSE')].find((path) => existsSync(path));
  if (!licence)
    throw new UserError(
      `data pack: '${from}' has no LICENSE, nor has its parent folder. Put the licence of the data there.`,
    );
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

/** The content of groups.json. */
export interface GroceryGroups {
  /** Photo path as in train.txt and val.txt -> group id of its burst. */
  groups: Record<string, string>;
  /** Ids of the groups in the dev split; all others are in training. */
  dev: string[];
  /** Computed with the features that the groups were made with. */
  check: NearestPhotoCheck;
}

/** Accuracy of the nearest training photo, in percent. Dev should be close to val; a random split measures memory of bursts. */
export interface NearestPhotoCheck {
  /** As many random training photos as dev has, against the other training photos. */
  random: number;
  /** Dev photos against the training photos of other groups. */
  dev: number;
  /** Validation photos against the same training photos. */
  val: number;
}

/**
 * Compute the burst groups and the dev split of a folder in the original layout.
 * @param features returns a unit-length feature vector for each image file; the shipped groups use `frozenFeatures` of the original photos
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

/**
 * Read one of the photo lists (lines `path, fine id, coarse id`). The product is the fine id.
 * @throws UserError if the list is missing or a line is malformed
 */
export async function listedPhotos(folder: string, list: 'train.txt' | 'val.txt'): Promise<LabelledPhoto[]> {
  const file = join(folder, list);
  if (!existsSync(file)) {
    throw new UserError(
      `data pack: '${folder}' has no ${list}. Give the folder that contains classes.csv, train.txt and val.txt.`,
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

/** All files below a folder, relative to `root`. Sorted, because directory order differs between disks. */
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

/** Encode an image as JPEG with a shorter side of at most `side` pixels, upright, without metadata. */
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
