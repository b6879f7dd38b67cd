import { describe, expect, test } from 'vitest';
import type { MoonConfig } from '../../src/config/config.js';
import { checkEvaluationImages, checkTrainingImages } from '../../src/config/needed-images.js';
import type { Found } from '../../src/data/found.js';
import { grocery } from '../../src/datasets/grocery/recipes.js';

/** Ten products, eight of them for training; `images` of them can be shown. */
function foundOf(images: Found['images'], training = { products: 8, image: 0 }): Found {
  return {
    root: '/data/shop',
    products: { all: 10, image: images.found, title: 10, category: 0, attributes: 0 },
    images,
    pairs: {},
    pairsLeftOut: 0,
    training,
    alike: { title: 0, everything: 0 },
  };
}

const example = { name: 'photos/1.jpg', file: 'shop.csv', line: 3 };
const missing = foundOf({ found: 0, missing: 10, unreadable: 0, example });
const onText: MoonConfig = {
  ...grocery,
  sampler: { ...grocery.sampler, mix: { image: 0, text: 1, product: 0 }, withhold: { image: 1 } },
};

describe('a config that shows images', () => {
  test.each<[string, Found, string]>([
    [
      'where none was found',
      missing,
      'data: none of the 10 images was found in /data/shop (e.g. "photos/1.jpg", shop.csv:3), but this config shows images. To fix this, correct the names, which are relative to that folder, or train on text alone with --set sampler.mix.image=0 --set sampler.mix.product=0 --set sampler.withhold.image=1.',
    ],
    [
      'where none was fetched',
      foundOf({ found: 0, missing: 10, unreadable: 0, example: { name: 'https://shop.example/1.jpg' } }),
      'fetch them with moon-lab data fetch /data/shop, or',
    ],
    [
      'where none could be read',
      foundOf({ found: 0, missing: 0, unreadable: 3, example: { name: '1.jpg' } }),
      'none of the 3 images could be read in /data/shop (e.g. "1.jpg"), but this config shows images. To fix this, replace them, or',
    ],
    [
      'where no row names one',
      foundOf({ found: 0, missing: 0, unreadable: 0 }),
      'none of the 8 training products has an image, but this config shows images. To fix this, add a column that names their images, or',
    ],
    [
      'where those for training have none, though others do',
      foundOf({ found: 2, missing: 8, unreadable: 0, example }),
      'none of the 8 training products has an image (e.g. "photos/1.jpg", shop.csv:3)',
    ],
    [
      'where every query was lost with its image',
      { ...missing, training: { products: 0, image: 0 } },
      'none of the 10 images was found',
    ],
  ])('is refused %s', (_, found, message) => {
    expect(() => checkTrainingImages(grocery, found)).toThrow(message);
  });

  test('is not where one product for training has an image, nor where the split is what is wrong', () => {
    checkTrainingImages(grocery, foundOf({ found: 1, missing: 9, unreadable: 0, example }, { products: 8, image: 1 }));
    checkTrainingImages(grocery, foundOf({ found: 10, missing: 0, unreadable: 0 }, { products: 0, image: 0 }));
  });
});

test('a config on text alone needs none; queries, items and captions each show them', () => {
  checkTrainingImages(onText, missing);
  const { sampler } = onText;
  const shown: [MoonConfig, string][] = [
    [
      { ...onText, sampler: { ...sampler, mix: { image: 0, text: 0, product: 1 } } },
      'sampler.mix.product=0 --set sampler.mix.text=1.',
    ],
    [{ ...onText, sampler: { ...sampler, mix: { image: 1, text: 1, product: 0 } } }, 'with --set sampler.mix.image=0.'],
    [{ ...onText, sampler: { ...sampler, withhold: { image: 0.9 } } }, 'with --set sampler.withhold.image=1.'],
    [{ ...onText, captioning: { kind: 'captions', fraction: 0.1 } }, 'with --set captioning.kind=none.'],
  ];
  for (const [config, settings] of shown) expect(() => checkTrainingImages(config, missing)).toThrow(settings);
});

test('a network of images is not measured where all that the data name are missing; where they name none, on text', () => {
  expect(() => checkEvaluationImages(grocery, missing)).toThrow(
    'but the model was trained with images. To fix this, correct the names, which are relative to that folder, or give the folder that contains them with --data.',
  );
  checkEvaluationImages(onText, missing);
  checkEvaluationImages(grocery, foundOf({ found: 0, missing: 0, unreadable: 0 }));
  checkEvaluationImages(grocery, foundOf({ found: 1, missing: 9, unreadable: 0, example }));
});
