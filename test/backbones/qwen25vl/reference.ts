import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Grid } from '../../../src/backbones/qwen25vl/config.js';
import { readHeader, readTensor } from '../../../src/store/safetensors.js';
import { sharedData } from '../../needs.js';

/** A folder of a model and what transformers computed from it, read by name. */
export interface Reference {
  numbers(name: string): Float32Array | Int32Array | Uint8Array;
  names: string[];
  /** Numbers of the images that each prompt shows. */
  imagesOf: Record<string, number[]>;
  grids: Grid[];
  /** Flattened patches of one image. */
  patches(image: number): Float32Array;
}

const under = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Folders made by transformers 5.23: a small one of our own, and the shared one, which stands beside the project or nowhere. */
export const folders = {
  fixture: under('../../fixtures/qwen-folder'),
  shared: join(sharedData, 'qwen2.5-vl-tiny-random'),
};

export function openReference(dir: string): Reference {
  const source = readHeader(`${dir}/expected.safetensors`);
  const numbers = (name: string) => readTensor(source, name);
  const flat = numbers('image_grid_thw');
  const grids = Array.from({ length: flat.length / 3 }, (_, i) => ({
    t: flat[3 * i],
    h: flat[3 * i + 1],
    w: flat[3 * i + 2],
  }));
  const size = ({ t, h, w }: Grid) => t * h * w;
  return {
    numbers,
    names: [...source.tensors.keys()],
    imagesOf: JSON.parse(readFileSync(`${dir}/expected.json`, 'utf8')).images_of,
    grids,
    patches(image) {
      const width = source.tensors.get('pixel_values')!.shape[1];
      const start = grids.slice(0, image).reduce((sum, grid) => sum + size(grid), 0);
      return (numbers('pixel_values') as Float32Array).slice(start * width, (start + size(grids[image])) * width);
    },
  };
}
