/** Patterns and materials as square textures that cover the drawing square once, so that sampling costs the same for all. */

/** Texels per side. A texture covers [-1, 1] x [-1, 1]. */
export const swatchSize = 256;

type Paintwork = (u: number, v: number) => number;

/** Values [swatchSize, swatchSize]. For a pattern: the amount of ink, 0 to 1. For a material: the brightness, above 1 towards white. */
export type Swatch = Float32Array;

const swatches = new Map<string, Swatch>();

/** The amount of ink of a pattern at each texel. */
export function patternSwatch(pattern: string): Swatch {
  return swatchOf(`pattern ${pattern}`, patternInk[pattern]);
}

/** The brightness of a material at each texel. */
export function materialSwatch(material: string): Swatch {
  return swatchOf(`material ${material}`, materialShade[material]);
}

function swatchOf(key: string, paint: Paintwork): Swatch {
  const known = swatches.get(key);
  if (known) return known;
  const swatch = new Float32Array(swatchSize * swatchSize);
  for (let row = 0; row < swatchSize; row++) {
    for (let column = 0; column < swatchSize; column++) {
      const u = ((column + 0.5) / swatchSize) * 2 - 1;
      const v = ((row + 0.5) / swatchSize) * 2 - 1;
      swatch[row * swatchSize + column] = paint(u, v);
    }
  }
  swatches.set(key, swatch);
  return swatch;
}

const patternInk: Record<string, Paintwork> = {
  plain: () => 0,
  striped: (_u, v) => inked(fold(v, 0.4) - 0.1),
  pinstriped: (u) => inked(fold(u, 0.22) - 0.04),
  dotted: (u, v) => {
    const [x, y] = staggered(u, v, 0.4);
    return inked(Math.hypot(x, y) - 0.115);
  },
  checked: (u, v) => (inked(fold(u, 0.44) - 0.11) + inked(fold(v, 0.44) - 0.11)) / 2,
  zigzag: (u, v) => inked(fold(v + 0.7 * fold(u, 0.44), 0.38) - 0.08),
  floral: (u, v) => {
    const [x, y] = staggered(u, v, 0.56);
    const petal = 0.13 + 0.065 * Math.cos(5 * Math.atan2(y, x));
    return inked(Math.hypot(x, y) - petal) - inked(Math.hypot(x, y) - 0.05);
  },
  ombre: (_u, v) => smoothstep(-0.7, 0.85, v),
};

const materialShade: Record<string, Paintwork> = {
  cotton: (u, v) => 1.02 - 0.12 * smoothstep(-0.9, 1, u) + 0.05 * (noise(u * 22, v * 22) - 0.5),
  knit: (u, v) => 1.05 - 0.42 * smoothstep(0.3, 1, fold((v + 1.1 * fold(u, 0.2)) / 0.15, 1) * 2),
  denim: (u, v) => 0.92 + 0.16 * Math.cos(((u + v) * 2 * Math.PI) / 0.13) + 0.28 * (noise(u * 5, v * 5) - 0.5),
  leather: (u, v) =>
    0.8 +
    0.6 * bump(u + 0.35 * v, -0.3, 0.22) +
    0.2 * bump(u + 0.35 * v, 0.5, 0.16) +
    0.22 * (noise(u * 14, v * 14) - 0.5),
  steel: (u, v) => 0.86 + 0.45 * Math.cos(7.5 * u + 1.2) * (1 - 0.4 * u * u) + 0.14 * (noise(u * 2, v * 34) - 0.5),
  ceramic: (u, v) =>
    1.02 - 0.3 * smoothstep(0, 1, u) + 0.85 * smoothstep(0.5, 0.9, bump(u, -0.36, 0.12) * bump(v, -0.1, 0.5)),
  wood: (u, v) => {
    const rings = 4.5 * u + 0.9 * noise(u * 1.5 + 7, v * 1.3) + 0.25 * Math.sin(2.6 * v + 4 * u);
    return 0.98 - 0.34 * smoothstep(0.35, 1, fold(rings, 1) * 2) + 0.12 * (noise(u * 26, v * 3) - 0.5);
  },
  glass: (u, v) => 0.95 + 0.75 * bump(u + 0.2 * v, -0.4, 0.09) + 0.55 * bump(u + 0.2 * v, 0.3, 0.05),
  wicker: (u, v) => {
    const along = (Math.floor(u / 0.19) + Math.floor(v / 0.19)) % 2 === 0;
    const across = fold(along ? v : u, 0.19) / 0.095;
    return 0.62 + 0.5 * (1 - across * across) - 0.2 * smoothstep(0.6, 1, fold(along ? u : v, 0.19) / 0.095);
  },
};

/** 1 inside, 0 outside, with an edge 0.04 units wide. */
function inked(distance: number): number {
  return Math.max(0, Math.min(1, 0.5 - distance / 0.04));
}

/** Distance to the nearest multiple of the period. */
function fold(x: number, period: number): number {
  return Math.abs(x - period * Math.round(x / period));
}

/** Position relative to the nearest point of a grid in which every second row is shifted by half a period. */
function staggered(u: number, v: number, period: number): [number, number] {
  const row = Math.round((v / period) * 1.16);
  const shift = row % 2 === 0 ? 0 : period / 2;
  return [u - shift - period * Math.round((u - shift) / period), v - (row * period) / 1.16];
}

function smoothstep(from: number, to: number, x: number): number {
  const t = Math.max(0, Math.min(1, (x - from) / (to - from)));
  return t * t * (3 - 2 * t);
}

/** A smooth bump of height 1 at `centre`. */
function bump(x: number, centre: number, width: number): number {
  return Math.exp(-(((x - centre) / width) ** 2));
}

/** Value noise in [0, 1). */
function noise(x: number, y: number): number {
  const column = Math.floor(x);
  const row = Math.floor(y);
  const s = smoothstep(0, 1, x - column);
  const t = smoothstep(0, 1, y - row);
  const top = hash(column, row) * (1 - s) + hash(column + 1, row) * s;
  const bottom = hash(column, row + 1) * (1 - s) + hash(column + 1, row + 1) * s;
  return top * (1 - t) + bottom * t;
}

/** An integer hash of two integers, in [0, 1). */
function hash(x: number, y: number): number {
  let h = Math.imul(x, 374761393) + Math.imul(y, 668265263);
  h = Math.imul(h ^ (h >>> 13), 1274126177);
  return ((h ^ (h >>> 16)) >>> 0) / 4294967296;
}
