import type { Box, Raster } from '../../../data/types.js';
import type { Facts } from '../facts.js';
import { cellsPerUnit, type Field, mouldOf } from './mould.js';
import type { Paint } from './part.js';
import { materialSwatch, patternSwatch, type Swatch, swatchSize } from './swatch.js';

export type Colour = readonly [red: number, green: number, blue: number];

/** Position of a product's drawing square [-1, 1] x [-1, 1] in the image. */
export interface Placement {
  /** Centre, in pixels. */
  x: number;
  y: number;
  /** Pixels per unit of the drawing square. */
  scale: number;
  /** Radians, clockwise. */
  turn: number;
  mirror: boolean;
  /** Horizontal scale. Below 1 the product looks rotated about its vertical axis. */
  narrow: number;
}

/** How a part is filled: base colour, ink colour of the pattern, and shading of the material. */
export interface Fill {
  colour: Colour;
  ink: Colour;
  pattern: Swatch | null;
  material: Swatch | null;
  opacity: number;
  /** 0 .. 1: how much the edge is darkened to set parts apart. */
  rim: number;
}

/** Of the values of colour and accent. */
export const colourOf: Record<string, Colour> = {
  red: [206, 38, 44],
  orange: [232, 106, 22],
  brown: [116, 64, 36],
  beige: [204, 170, 120],
  olive: [156, 158, 40],
  green: [40, 150, 72],
  teal: [22, 142, 148],
  blue: [66, 146, 228],
  navy: [38, 52, 118],
  purple: [128, 66, 172],
  pink: [242, 138, 174],
  grey: [126, 130, 140],
  white: [250, 250, 246],
  black: [30, 30, 34],
  gold: [248, 208, 62],
  mint: [150, 238, 204],
};
const darkColour: Colour = [46, 42, 50];
const paleColour: Colour = [244, 241, 234];
const silverColour: Colour = [186, 190, 198];

/** Draw a product over the raster. The background remains visible around it and through glass. */
export function drawProduct(raster: Raster, facts: Facts, placement: Placement): void {
  const fills = fillsOf(facts);
  for (const { paint, field } of mouldOf(facts.category, facts.shape).parts) {
    drawField(raster, field, placement, fills[paint]);
  }
}

/** The bounding box of a product's outline in fractions of the image. The product must lie inside the image. */
export function boxOf(facts: Facts, placement: Placement, width: number, height: number): Box {
  const { along, across } = axes(placement);
  let [x1, y1, x2, y2] = [width, height, 0, 0];
  for (const [u, v] of mouldOf(facts.category, facts.shape).outline) {
    const x = placement.x + along[0] * u + across[0] * v;
    const y = placement.y + along[1] * u + across[1] * v;
    x1 = Math.min(x1, x);
    x2 = Math.max(x2, x);
    y1 = Math.min(y1, y);
    y2 = Math.max(y2, y);
  }
  return { x1: x1 / width, y1: y1 / height, x2: x2 / width, y2: y2 / height };
}

function fillsOf(facts: Facts): Record<Paint, Fill> {
  const colour = colourOf[facts.colour];
  const ink = colourOf[facts.accent];
  const material = materialSwatch(facts.material);
  const opacity = facts.material === 'glass' ? 0.68 : 1;
  const fixed = (of: Colour): Fill => ({ colour: of, ink: of, pattern: null, material: null, opacity: 1, rim: 0.5 });
  return {
    body: { colour, ink, pattern: patternSwatch(facts.pattern), material, opacity, rim: 1 },
    trim: { colour: ink, ink, pattern: null, material, opacity: 1, rim: 0.8 },
    lining: { ...fixed([colour[0] * 0.55, colour[1] * 0.55, colour[2] * 0.55]), opacity },
    dark: fixed(darkColour),
    pale: fixed(paleColour),
    silver: fixed(silverColour),
  };
}

/** One unit to the right and one unit down of the drawing square, in pixels. */
function axes({ scale, turn, mirror, narrow }: Placement): { along: [number, number]; across: [number, number] } {
  const wide = scale * narrow * (mirror ? -1 : 1);
  const [sine, cosine] = [Math.sin(turn), Math.cos(turn)];
  return { along: [wide * cosine, wide * sine], across: [-scale * sine, scale * cosine] };
}

/** Fill a field with an antialiased edge: coverage follows the signed distance in pixels. */
export function drawField(raster: Raster, field: Field, placement: Placement, fill: Fill): void {
  const { data, width } = raster;
  const { values, columns, rows } = field;
  const { along, across } = axes(placement);
  const determinant = along[0] * across[1] - along[1] * across[0];
  // Pixel -> drawing square -> cells of the field. Both maps are linear, so a row is traversed by addition.
  const uStep = across[1] / determinant;
  const vStep = -along[1] / determinant;
  const pixelsPerUnit = Math.sqrt(Math.abs(determinant));
  const [left, top, right, bottom] = extent(raster, field, placement, along, across);
  const texels = swatchSize / 2;
  const { pattern, material, opacity, rim } = fill;
  const [red, green, blue] = fill.colour;
  const [redInk, greenInk, blueInk] = [fill.ink[0] - red, fill.ink[1] - green, fill.ink[2] - blue];
  for (let y = top; y < bottom; y++) {
    const px = left + 0.5 - placement.x;
    const py = y + 0.5 - placement.y;
    let u = (px * across[1] - py * across[0]) / determinant;
    let v = (py * along[0] - px * along[1]) / determinant;
    for (let x = left; x < right; x++, u += uStep, v += vStep) {
      const gx = (u - field.x) * cellsPerUnit;
      const gy = (v - field.y) * cellsPerUnit;
      if (gx < 0 || gy < 0 || gx >= columns - 1 || gy >= rows - 1) continue;
      const column = gx | 0;
      const row = gy | 0;
      const s = gx - column;
      const at = row * columns + column;
      const above = values[at] + s * (values[at + 1] - values[at]);
      const below = values[at + columns] + s * (values[at + columns + 1] - values[at + columns]);
      const distance = above + (gy - row) * (below - above);
      const cover = 0.5 - distance * pixelsPerUnit;
      if (cover <= 0) continue;
      const texel = texelAt(u, v, texels);
      const inked = pattern ? pattern[texel] : 0;
      const shade = (material ? material[texel] : 1) * rimShade(distance, rim);
      const weight = (cover < 1 ? cover : 1) * opacity;
      const pixel = (y * width + x) * 3;
      data[pixel] += weight * (lit(red + inked * redInk, shade) - data[pixel]) + 0.5;
      data[pixel + 1] += weight * (lit(green + inked * greenInk, shade) - data[pixel + 1]) + 0.5;
      data[pixel + 2] += weight * (lit(blue + inked * blueInk, shade) - data[pixel + 2]) + 0.5;
    }
  }
}

/** Darken the value for a shade below 1, and blend it with white above 1. */
function lit(value: number, shade: number): number {
  return shade < 1 ? value * shade : value + (255 - value) * (shade < 2 ? shade - 1 : 1);
}

function texelAt(u: number, v: number, texels: number): number {
  const column = Math.max(0, Math.min(swatchSize - 1, ((u + 1) * texels) | 0));
  const row = Math.max(0, Math.min(swatchSize - 1, ((v + 1) * texels) | 0));
  return row * swatchSize + column;
}

/** A dark line at the outline and a soft fall-off inside it. */
function rimShade(distance: number, rim: number): number {
  if (distance < -0.16) return 1;
  const soft = 1 + distance / 0.16;
  const line = distance > -0.045 ? 0.4 : 0;
  return 1 - rim * (0.2 * soft * soft + line);
}

/** The range of pixels that the field may cover: left, top, right, bottom; the last two are exclusive. */
function extent(
  { width, height }: Raster,
  field: Field,
  placement: Placement,
  along: [number, number],
  across: [number, number],
): [number, number, number, number] {
  const us = [field.x, field.x + field.columns / cellsPerUnit];
  const vs = [field.y, field.y + field.rows / cellsPerUnit];
  const xs = us.flatMap((u) => vs.map((v) => placement.x + along[0] * u + across[0] * v));
  const ys = us.flatMap((u) => vs.map((v) => placement.y + along[1] * u + across[1] * v));
  return [
    Math.max(0, Math.floor(Math.min(...xs))),
    Math.max(0, Math.floor(Math.min(...ys))),
    Math.min(width, Math.ceil(Math.max(...xs))),
    Math.min(height, Math.ceil(Math.max(...ys))),
  ];
}
