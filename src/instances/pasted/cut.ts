import type { Box, Raster } from '../../data/types.js';
import { massBox } from '../../regions/mass-box.js';
import { saliencyMap } from '../../regions/saliency.js';

/** A product cut out of its picture, and what the picture has beside it. */
export interface Cut {
  raster: Raster;
  box: Box;
  /** [height * width] from 0, background, to 1, product */
  alpha: Float32Array;
}

/** Cut the salient product out of a picture of one; undefined where nothing stands out. */
export function cutProduct(raster: Raster): Cut | undefined {
  const map = saliencyMap(raster);
  const { box } = massBox(map, raster.width);
  if (!box) return undefined;
  const limit = (2 * map.reduce((sum, value) => sum + value, 0)) / map.length;
  return { raster, box, alpha: Float32Array.from(map, (value) => Math.min(1, value / limit)) };
}

/** The widest strip of a picture beside its product, repeated as in mirrors over a square. */
export function backgroundOf({ raster, box }: Pick<Cut, 'raster' | 'box'>, side: number): Raster {
  const { width, height, data } = raster;
  const strips: [number, number, number, number][] = [
    [0, 0, Math.round(box.x1 * width), height],
    [Math.round(box.x2 * width), 0, width, height],
    [0, 0, width, Math.round(box.y1 * height)],
    [0, Math.round(box.y2 * height), width, height],
  ];
  const area = ([left, top, right, bottom]: (typeof strips)[number]) => (right - left) * (bottom - top);
  const widest = strips.reduce((best, strip) => (area(strip) > area(best) ? strip : best));
  const [left, top, right, bottom] = area(widest) > 0 ? widest : [0, 0, width, height];
  const out = new Uint8Array(side * side * 3);
  for (let row = 0, at = 0; row < side; row++)
    for (let column = 0; column < side; column++, at += 3) {
      const from = ((top + mirrored(row, bottom - top)) * width + left + mirrored(column, right - left)) * 3;
      for (let channel = 0; channel < 3; channel++) out[at + channel] = data[from + channel];
    }
  return { width: side, height: side, data: out };
}

/** 0, 1, ... length - 1, length - 1, ... 1, 0, 0, 1, ... */
function mirrored(at: number, length: number): number {
  const place = at % (2 * length);
  return place < length ? place : 2 * length - 1 - place;
}
