import type { Product } from '../data/types.js';
import type { HardCandidates } from './hard.js';

/**
 * Hard-negative candidates: for every product, the products that share its category path down to `level` (1 is the top; default the whole
 * path; a shorter path is used in full). If all of these are duplicates of the product, it uses the nearest higher level with another
 * product. A product without a category, or alone even at the top level, has no hard negative.
 * @param numbers product number of every product, equal for duplicates (see `productNumbers`)
 */
export function sameCategory(
  products: readonly Pick<Product, 'id' | 'category'>[],
  numbers: ReadonlyMap<string, number>,
  level = Number.POSITIVE_INFINITY,
): HardCandidates {
  const groups = new Map<string, Group>();
  // Most products share their whole path with others: what follows from a path is found once.
  const paths = new Map<string, Path>();
  const pathOf = (category: readonly string[]): Path => {
    const key = JSON.stringify(category);
    const known = paths.get(key);
    if (known) return known;
    const path: Path = { groups: category.map((_, at) => groupAt(category.slice(0, at + 1))) };
    paths.set(key, path);
    return path;
  };
  const groupAt = (category: readonly string[]): Group => {
    const key = JSON.stringify(category);
    const group = groups.get(key) ?? { ids: [], number: undefined, several: false };
    groups.set(key, group);
    return group;
  };
  for (const { id, category } of products) {
    const number = numbers.get(id)!;
    for (const group of pathOf(category).groups) {
      group.ids.push(id);
      group.number ??= number;
      group.several ||= number !== group.number;
    }
  }
  const of = new Map<string, readonly string[]>();
  const fellBack: HardCandidates['fellBack'] = [];
  const without: string[] = [];
  for (const { id, category } of products) {
    const path = pathOf(category);
    const wanted = Math.min(level, category.length);
    path.used ??= path.groups.slice(0, wanted).findLastIndex(({ several }) => several) + 1;
    if (!path.used) without.push(id);
    else of.set(id, path.groups[path.used - 1].ids);
    if (path.used && path.used !== wanted)
      fellBack.push({ product: id, wanted: category.slice(0, wanted), used: category.slice(0, path.used) });
  }
  return { of, fellBack, without };
}

/** The products of a category: their ids, the number of the first, and whether there are several numbers. */
interface Group {
  ids: string[];
  number: number | undefined;
  several: boolean;
}

/** The groups of a category path from the top down, and how many of its levels the candidates share. */
interface Path {
  groups: Group[];
  used?: number;
}
