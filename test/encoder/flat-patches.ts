import type { PromptImage } from '../../src/backbones/prompt-image.js';
import type { Size } from '../../src/pictures/picture-store.js';

/**
 * Flattened patches of a still image, number by number: token by token of 2 x 2 patches, each patch a channel, two equal frames, rows, columns.
 * @param pixels [height, width, 3]
 */
export function flatPatches(pixels: ArrayLike<number>, { width, height }: Size, patch: number): PromptImage {
  const values: number[] = [];
  for (let top = 0; top < height; top += 2 * patch)
    for (let left = 0; left < width; left += 2 * patch)
      for (const [y, x] of [
        [0, 0],
        [0, 1],
        [1, 0],
        [1, 1],
      ])
        for (let channel = 0; channel < 3; channel++)
          for (let frame = 0; frame < 2; frame++)
            for (let row = 0; row < patch; row++)
              for (let column = 0; column < patch; column++) {
                const at = (top + y * patch + row) * width + left + x * patch + column;
                values.push(pixels[at * 3 + channel]);
              }
  return { kind: 'patches', patches: Float32Array.from(values), grid: { t: 1, h: height / patch, w: width / patch } };
}
