import { type Fallback, fallbacks, type Region } from '../data/region.js';
import type { Box, ProductImage } from '../data/types.js';
import { numberList } from './number-list.js';
import type { PictureNumbers } from './picture-numbers.js';

/** Core regions by image and title. A region is the number of its picture, so that its box stands once. */
export interface RegionTable {
  add(image: ProductImage, title: string | undefined, region: Region): void;
  /** The box found with this title, or else without a title. */
  boxOf(image: ProductImage, title?: string): Box | undefined;
  readonly count: number;
  /** How often the whole image was used instead, by reason. */
  fallbacks(): Record<Fallback, number>;
}

const NONE = -1;

/** @param pictures gives the numbers; the pictures of regions are added to it */
export function regionTable(pictures: PictureNumbers): RegionTable {
  const titles: (string | undefined)[] = [];
  const crops = numberList(Uint32Array);
  const reasons = numberList(Int32Array);
  const last = new Map<string, number>();
  const before = numberList(Int32Array);

  function find({ id }: ProductImage, title: string | undefined): number {
    let found = last.get(id) ?? NONE;
    while (found !== NONE && titles[found] !== title) found = before.at(found);
    return found;
  }

  return {
    get count() {
      return titles.length;
    },
    add(image, title, { box, fallback }) {
      const known = find(image, title);
      const [crop, reason] = [pictures.add({ image, crop: box }), fallback ? fallbacks.indexOf(fallback) : NONE];
      if (known !== NONE) {
        crops.set(known, crop);
        reasons.set(known, reason);
        return;
      }
      before.push(last.get(image.id) ?? NONE);
      last.set(image.id, titles.push(title) - 1);
      crops.push(crop);
      reasons.push(reason);
    },
    boxOf(image, title) {
      const own = find(image, title);
      const found = own === NONE ? find(image, undefined) : own;
      return found === NONE ? undefined : pictures.at(crops.at(found)).crop;
    },
    fallbacks() {
      const counts = { missing: 0, absurd: 0, tiny: 0 };
      for (let at = 0; at < reasons.length; at++) {
        const reason = reasons.at(at);
        if (reason !== NONE) counts[fallbacks[reason]]++;
      }
      return counts;
    },
  };
}
