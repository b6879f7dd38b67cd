import type { Raster } from '../../src/data/types.js';
import type { Augmentation } from '../../src/pictures/augment.js';
import type { Size } from '../../src/pictures/picture-store.js';

/** The slow obvious version: pixel by pixel from the definitions, one step after the other. */
export function augmentSlowly(
  { width, height, data }: Raster,
  augmentation: Augmentation,
  size: number | Size,
): number[] {
  const to = typeof size === 'number' ? { width: size, height: size } : size;
  const { crop, flip, gain = [1, 1, 1], brightness, contrast, shift } = augmentation;
  const clamp = (value: number, max: number) => Math.min(Math.max(value, 0), max);
  const pixel = (x: number, y: number, c: number) =>
    data[(clamp(y, height - 1) * width + clamp(x, width - 1)) * 3 + c] / 255;
  const sample = (x: number, y: number, c: number) => {
    const [i, j] = [Math.floor(x), Math.floor(y)];
    const top = pixel(i, j, c) * (1 - (x - i)) + pixel(i + 1, j, c) * (x - i);
    const bottom = pixel(i, j + 1, c) * (1 - (x - i)) + pixel(i + 1, j + 1, c) * (x - i);
    return top * (1 - (y - j)) + bottom * (y - j);
  };
  const rows = Array.from({ length: to.height }, (_, y) => {
    const row = Array.from({ length: to.width }, (_, x) => {
      const across = (crop.x1 + ((x + 0.5) / to.width) * (crop.x2 - crop.x1)) * width - 0.5;
      const down = (crop.y1 + ((y + 0.5) / to.height) * (crop.y2 - crop.y1)) * height - 0.5;
      return [0, 1, 2].map((c) => brightness * gain[c] * sample(across, down, c));
    });
    return flip ? row.reverse() : row;
  });
  const pixels = rows.flat();
  const grey = pixels.reduce((sum, [r, g, b]) => sum + 0.299 * r + 0.587 * g + 0.114 * b, 0) / pixels.length;
  return pixels.flatMap((rgb) => rgb.map((value, c) => clamp(contrast * (value - grey) + grey + shift[c], 1)));
}
