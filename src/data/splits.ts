import { readFile } from 'node:fs/promises';
import { UserError, wrongOption } from '../checks/error.js';
import { randomStream } from '../engine/random.js';
import { writeFileAtomic } from '../store/atomic.js';
import { mergeGroups } from './merge-groups.js';
import { excerpt, isObject, parseObject } from './tables/json.js';
import type { Catalogue, Pair, ProductImage, Split } from './types.js';

export interface SplitOptions {
  /** `product`: no product occurs in two splits. `query`: splits share products, but not queries. */
  by: 'product' | 'query';
  seed: number;
  /** Fractions of the products or queries, e.g. `{ train: 0.8, dev: 0.1, test: 0.1 }`; they sum to 1. */
  fractions: Partial<Record<Split, number>>;
  /** Groups of product ids that must be in the same split, such as near-duplicates. */
  together?: readonly (readonly string[])[];
}

/** A split as stored on disk, by ids of products or queries, so that it does not depend on the order of the data. */
export interface StoredSplit {
  by: 'product' | 'query';
  seed: number;
  ids: Partial<Record<Split, string[]>>;
}

const names: Split[] = ['train', 'dev', 'val', 'test'];

/**
 * Divide a catalogue into splits. Split by product, near-duplicates in `together` stay together; split by query, photos of one group
 * (burst) do. The same seed and ids give the same split, regardless of the order of the data.
 * @throws UserError if the fractions are invalid
 */
export function splitIds(catalogue: Catalogue, options: SplitOptions): StoredSplit {
  const { by, seed } = options;
  const fractions = checkFractions(options.fractions);
  const units = by === 'product' ? productUnits(catalogue, options.together ?? []) : queryUnits(catalogue);
  const total = units.reduce((sum, unit) => sum + unit.length, 0);
  const parts = fractions.map(([split, fraction]) => ({ split, room: fraction * total, ids: [] as string[] }));
  for (const unit of randomStream(seed, 'split').shuffle(units)) {
    const part = parts.reduce((best, each) => (each.room > best.room ? each : best));
    part.ids.push(...unit);
    part.room -= unit.length;
  }
  return { by, seed, ids: Object.fromEntries(parts.map(({ split, ids }) => [split, ids.sort()])) };
}

/**
 * Apply a stored split to a catalogue. A photo that is a query outside `train` is removed from the images of its product, since the item
 * would otherwise contain the query.
 * @throws UserError if a product or query of the catalogue is not in the split
 */
export function applySplit(catalogue: Catalogue, stored: StoredSplit): Catalogue {
  const splitOf = new Map(Object.entries(stored.ids).flatMap(([split, ids]) => ids.map((id) => [id, split as Split])));
  const pairs = catalogue.pairs.map((pair): Pair => {
    const id = stored.by === 'product' ? pair.product : pair.query.id;
    const split = splitOf.get(id);
    if (split) return { ...pair, split };
    throw new UserError(
      `split: ${stored.by} ${excerpt(id)} is not in the split. Create the split again from these data.`,
    );
  });
  const heldOut = new Set(
    pairs.flatMap(({ query, split }) => (query.image && split !== 'train' ? query.image.id : [])),
  );
  const keep = (image: ProductImage) => !heldOut.has(image.id);
  const products = catalogue.products.map((product) => ({ ...product, images: product.images.filter(keep) }));
  return { ...catalogue, products, pairs };
}

export async function writeSplit(file: string, split: StoredSplit): Promise<void> {
  writeFileAtomic(file, `${JSON.stringify(split, null, 1)}\n`);
}

/** @throws UserError if the file does not contain a split */
export async function readSplit(file: string): Promise<StoredSplit> {
  const content = parseObject(await readFile(file, 'utf8').catch(() => ''), undefined, () => {});
  const ids = content?.ids;
  const isValid = isObject(ids) && Object.values(ids).every(Array.isArray);
  if (isValid && (content?.by === 'product' || content?.by === 'query')) return content as unknown as StoredSplit;
  throw new UserError(`split: got ${JSON.stringify(file)}, expected a file that writeSplit wrote.`);
}

function checkFractions(fractions: SplitOptions['fractions']): [Split, number][] {
  const entries = Object.entries(fractions) as [Split, number][];
  for (const [split] of entries) {
    if (!names.includes(split)) throw wrongOption('split.fractions', split, `one of ${names.join(' | ')}`);
  }
  const sum = entries.reduce((total, [, fraction]) => total + fraction, 0);
  if (entries.some(([, fraction]) => !(fraction >= 0)) || Math.abs(sum - 1) > 1e-6) {
    throw wrongOption(
      'split.fractions',
      fractions,
      'fractions of at least 0 that sum to 1',
      'E.g. { train: 0.8, test: 0.2 }.',
    );
  }
  return entries;
}

function productUnits({ products }: Catalogue, together: readonly (readonly string[])[]): string[][] {
  const ids = new Set(products.map(({ id }) => id));
  const known = together.map((group) => group.filter((id) => ids.has(id)));
  return sorted(mergeGroups([...known, ...products.map(({ id }) => [id])]));
}

function queryUnits({ pairs }: Catalogue): string[][] {
  const units = new Map<string, Set<string>>();
  for (const { query } of pairs) {
    const key = query.image?.group ?? query.image?.id ?? query.id;
    units.set(key, (units.get(key) ?? new Set()).add(query.id));
  }
  return sorted([...units.values()].map((unit) => [...unit]));
}

function sorted(units: string[][]): string[][] {
  const inside = units.map((unit) => unit.sort());
  return inside.sort((a, b) => (a[0] < b[0] ? -1 : 1));
}
