import type { Raster } from '../data/types.js';

/** Outlines of a picture, dark on white: Sobel's gradient of its luma (Rec. 601), scaled so that the strongest edge is black. Tells forms, and no colour. */
export function edgeMap({ width, height, data }: Raster): Raster {
  const luma = Float32Array.from(
    { length: width * height },
    (_, at) => 0.299 * data[3 * at] + 0.587 * data[3 * at + 1] + 0.114 * data[3 * at + 2],
  );
  const at = (x: number, y: number) =>
    luma[Math.min(height - 1, Math.max(0, y)) * width + Math.min(width - 1, Math.max(0, x))];
  const strength = Float32Array.from({ length: width * height }, (_, place) => {
    const [x, y] = [place % width, Math.floor(place / width)];
    const along = (dx: number, dy: number) =>
      at(x + dx + dy, y + dy + dx) + 2 * at(x + dx, y + dy) + at(x + dx - dy, y + dy - dx);
    return Math.hypot(along(1, 0) - along(-1, 0), along(0, 1) - along(0, -1));
  });
  const most = strength.reduce((max, value) => Math.max(max, value), 1e-6);
  const drawn = new Uint8Array(3 * width * height);
  for (let place = 0; place < strength.length; place++)
    drawn.fill(Math.round(255 * (1 - strength[place] / most)), 3 * place, 3 * place + 3);
  return { width, height, data: drawn };
}
