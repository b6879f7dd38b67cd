import type { Raster } from '../../../data/types.js';
import type { Facts } from '../facts.js';
import { drawBackdrop } from './backdrop.js';
import { arc, points } from './curve.js';
import { type Solid, stroke, union } from './distance.js';
import { type Colour, drawField, drawProduct } from './draw.js';
import { sampleField } from './mould.js';
import { type Camera, placementOf, type View } from './view.js';

export interface SceneStyle {
  /** Width and height in pixels. */
  imageSize: number;
  /** 0 .. 1: from plain paper to full colours. */
  background: number;
  /** 0 .. 1: opacity of the seller's watermark. */
  watermark: number;
}

/**
 * Draw a product in its view: background, distractors, shadow, product, lighting, watermark. The core product is in front of the
 * distractors.
 */
export function drawScene(facts: Facts, view: View, style: SceneStyle): Raster {
  const { imageSize } = style;
  const raster: Raster = { width: imageSize, height: imageSize, data: new Uint8Array(imageSize * imageSize * 3) };
  drawBackdrop(raster, view.background, style.background);
  for (const { facts: other, x, y, size, turn, mirror } of view.clutter) {
    const scale = (size * imageSize) / 2;
    drawProduct(raster, other, { x: x * imageSize, y: y * imageSize, scale, turn, mirror, narrow: 1 });
  }
  const placement = placementOf(facts, view.camera, imageSize);
  drawShadow(raster, placement.x, placement.y + 0.8 * placement.scale, placement.scale);
  drawProduct(raster, facts, placement);
  relight(raster, view.camera);
  if (style.watermark > 0) drawWatermark(raster, view, style.watermark);
  return raster;
}

/** A soft dark ellipse below the product. */
export function drawShadow({ data, width, height }: Raster, cx: number, cy: number, radius: number): void {
  const flat = 0.3 * radius;
  const top = Math.max(0, Math.ceil(cy - flat));
  const bottom = Math.min(height, Math.floor(cy + flat) + 1);
  const left = Math.max(0, Math.ceil(cx - radius));
  const right = Math.min(width, Math.floor(cx + radius) + 1);
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const outwards = ((x - cx) / radius) ** 2 + ((y - cy) / flat) ** 2;
      if (outwards >= 1) continue;
      const keep = 1 - 0.45 * (1 - outwards) ** 2;
      const at = (y * width + x) * 3;
      for (let channel = 0; channel < 3; channel++) data[at + channel] *= keep;
    }
  }
}

/** Apply the brightness and warmth of the light to the entire image. */
export function relight({ data }: Raster, { brightness, warmth }: Camera): void {
  const [red, green, blue] = [1 + warmth, 1, 1 - warmth].map((gain) =>
    Uint8Array.from({ length: 256 }, (_, value) => Math.min(255, Math.round(value * gain * brightness))),
  );
  for (let at = 0; at < data.length; at += 3) {
    data[at] = red[data[at]];
    data[at + 1] = green[data[at + 1]];
    data[at + 2] = blue[data[at + 2]];
  }
}

/** The word MOON. */
function lettering(): Solid {
  const pen = 0.07;
  const m = points('-0.94,0.2 -0.94,-0.2 -0.77,0.06 -0.6,-0.2 -0.6,0.2');
  const n = points('0.6,0.2 0.6,-0.2 0.92,0.2 0.92,-0.2');
  const o = (cx: number) => stroke(arc(cx, 0, 0.2, 0.2, 0, 360), pen);
  return union(stroke(m, pen), o(-0.26), o(0.26), stroke(n, pen));
}

const mark = { field: sampleField(lettering()), light: [255, 255, 255] as Colour, dark: [70, 70, 80] as Colour };

/** Dark letters with a light copy shifted by a pixel or two, so that the watermark shows on any background. */
function drawWatermark(raster: Raster, { watermark }: View, opacity: number): void {
  const { width } = raster;
  const placement = {
    x: watermark.x * width,
    y: watermark.y * width,
    scale: 0.44 * width,
    turn: watermark.turn,
    mirror: false,
    narrow: 1,
  };
  const fill = { pattern: null, material: null, rim: 0, opacity: 0.7 * opacity };
  const offset = width / 64;
  drawField(raster, mark.field, placement, { ...fill, colour: mark.dark, ink: mark.dark });
  const lit = { ...placement, x: placement.x - offset, y: placement.y - offset };
  drawField(raster, mark.field, lit, { ...fill, colour: mark.light, ink: mark.light });
}
