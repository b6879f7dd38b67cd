import type { Box, ProductImage } from '../data/types.js';
import { numberList } from './number-list.js';
import type { SequenceImage } from './shown-picture.js';

/** Numbers pictures in the order in which they are added, from 0, in about 60 bytes each. */
export interface PictureNumbers {
  readonly count: number;
  /** The number of a picture, which is added if it is not there. */
  add(picture: SequenceImage): number;
  find(picture: SequenceImage): number | undefined;
  at(number: number): SequenceImage;
}

const NONE = -1;

/**
 * A picture is known by the id of its image and its box, to the bit.
 * @param given those that are added first
 */
export function pictureNumbers(given: readonly SequenceImage[] = []): PictureNumbers {
  const images: ProductImage[] = [];
  const boxes = numberList(Float64Array);
  // Pictures of one image are a chain: from the last one added to the first.
  const last = new Map<string, number>();
  const before = numberList(Int32Array);

  const boxAt = (number: number): Box | undefined => {
    const [x1, y1, x2, y2] = [0, 1, 2, 3].map((edge) => boxes.at(4 * number + edge));
    return Number.isNaN(x1) ? undefined : { x1, y1, x2, y2 };
  };

  function find({ image: { id }, crop }: SequenceImage): number | undefined {
    for (let number = last.get(id) ?? NONE; number !== NONE; number = before.at(number))
      if (isBox(number, crop)) return number;
    return undefined;
  }

  const isBox = (number: number, crop: Box | undefined) =>
    crop
      ? boxes.at(4 * number) === crop.x1 &&
        boxes.at(4 * number + 1) === crop.y1 &&
        boxes.at(4 * number + 2) === crop.x2 &&
        boxes.at(4 * number + 3) === crop.y2
      : Number.isNaN(boxes.at(4 * number));

  function add(picture: SequenceImage): number {
    const known = find(picture);
    if (known !== undefined) return known;
    const { image, crop } = picture;
    const number = images.push(image) - 1;
    if (crop) boxes.push(crop.x1, crop.y1, crop.x2, crop.y2);
    else boxes.push(Number.NaN, Number.NaN, Number.NaN, Number.NaN);
    before.push(last.get(image.id) ?? NONE);
    last.set(image.id, number);
    return number;
  }

  for (const picture of given) add(picture);
  return {
    get count() {
      return images.length;
    },
    add,
    find,
    at(number) {
      const crop = boxAt(number);
      return crop ? { image: images[number], crop } : { image: images[number] };
    },
  };
}
