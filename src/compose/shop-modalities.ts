import type { Catalogue, Product, ProductImage } from '../data/types.js';
import { type PrepareOptions, preparePixels } from '../encoder/prepare.js';
import { randomStream } from '../engine/random.js';
import type * as tf from '../engine/tf.js';
import { DEFAULT_AUGMENT } from '../pictures/augment-option.js';
import type { FrozenVisionOption } from '../pictures/vision-option.js';
import { edgeMap } from './edge-map.js';
import type { Modality } from './modality.js';
import type { Facts } from './quiz.js';

/** The frozen encoder of pictures, and the side of the pictures in pixels. */
export interface PictureOptions extends Pick<PrepareOptions, 'onProgress' | 'signal' | 'drawings'> {
  vision: FrozenVisionOption;
  imageSize: number;
}

/** Pictures read together. */
const BLOCK = 64;
/** Width of the codes of a table's values. */
const CODE = 64;

/**
 * The main picture of each product, as features of a frozen encoder, and the same of its edge map.
 * @throws UserError if an image cannot be read
 */
export async function pictureModalities(
  { products, ...catalogue }: Catalogue,
  options: PictureOptions,
): Promise<{ photo: Modality; edges: Modality }> {
  const read = (images: readonly ProductImage[], vision: FrozenVisionOption | { kind: 'qwen' }) => {
    const shown = products.map((product, at): Product => ({ ...product, images: [images[at]] }));
    const { imageSize, ...rest } = options;
    const config = { imageSize, region: { kind: 'none' }, vision, augment: DEFAULT_AUGMENT } as const;
    return preparePixels(config, { ...catalogue, products: shown, pairs: [] }, rest);
  };
  const photos = products.map(({ images: [main] }) => main);
  const pixels = await read(photos, { kind: 'qwen' });
  const edges = photos.map((image): ProductImage => {
    const { source } = image;
    const key = source.kind === 'drawn' && source.key !== undefined ? { key: `edges of ${source.key}` } : {};
    return {
      id: `${image.id}/edges`,
      source: { kind: 'drawn', draw: () => edgeMap(pixels.rasterOf({ image })), ...key },
    };
  });
  const modality = async (name: string, images: readonly ProductImage[]): Promise<Modality> => {
    const { inputOf } = await read(images, options.vision);
    const blocks: Float32Array[] = [];
    let shape: number[] = [];
    for (let start = 0; start < images.length; start += BLOCK) {
      const input = inputOf(images.slice(start, start + BLOCK).map((image) => ({ image }))) as tf.Tensor3D;
      shape = input.shape;
      blocks.push(input.dataSync<'float32'>());
      input.dispose();
    }
    const features = new Float32Array(images.length * shape[1] * shape[2]);
    blocks.forEach((block, at) => void features.set(block, at * BLOCK * shape[1] * shape[2]));
    return { name, tokens: shape[1], width: shape[2], features };
  };
  return { photo: await modality('photo', photos), edges: await modality('edges', edges) };
}

/** A table of facts: a token for each, a random code of its name and value. The codes know nothing of words, nor of each other. */
export function tableModality(products: readonly Facts[], facts: readonly string[]): Modality {
  const features = new Float32Array(products.length * facts.length * CODE);
  const codes = new Map<string, Float32Array>();
  const codeOf = (name: string, value: string) => {
    const key = `${name}=${value}`;
    const stream = randomStream(0, `table code of ${key}`);
    const code = codes.get(key) ?? Float32Array.from({ length: CODE }, () => stream.normal());
    codes.set(key, code);
    return code;
  };
  products.forEach((own, product) => {
    facts.forEach((name, fact) => {
      if (own[name] !== undefined) features.set(codeOf(name, own[name]), (product * facts.length + fact) * CODE);
    });
  });
  return { name: 'table', tokens: facts.length, width: CODE, features };
}
