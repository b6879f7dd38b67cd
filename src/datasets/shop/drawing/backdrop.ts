import type { Raster } from '../../../data/types.js';

/** The background of an image. */
export interface Background {
  kind: string;
  /** Two hues and their lightness, each 0 .. 1. */
  hues: [number, number];
  lightness: [number, number];
  /** Parameters of the kind (scale, angle, phases), each 0 .. 1. */
  numbers: number[];
}

/** Fraction of the second colour at a point; x and y are fractions of the image. */
type Mixture = (x: number, y: number) => number;

/** The kinds of background. */
const mixtures: Record<string, (numbers: readonly number[]) => Mixture> = {
  studio: ([cx, cy]) => {
    return (x, y) => Math.min(1, Math.hypot(x - 0.3 - 0.4 * cx, y - 0.2 - 0.4 * cy));
  },
  table: ([height, slope]) => {
    const horizon = 0.5 + 0.35 * height;
    const tilt = (slope - 0.5) * 0.2;
    return (x, y) => (y > horizon + tilt * (x - 0.5) ? 1 - 0.5 * (y - horizon) : 0.25 * y);
  },
  tiles: ([scale, shiftX, shiftY]) => {
    const count = 3 + Math.floor(scale * 4);
    return (x, y) => {
      const [u, v] = [(x * count + shiftX) % 1, (y * count + shiftY) % 1];
      return u < 0.07 || v < 0.07 ? 1 : 0.12 * (u + v);
    };
  },
  planks: ([scale, upright, phase]) => {
    const count = 3 + Math.floor(scale * 4);
    return (x, y) => {
      const across = (upright < 0.5 ? x : y) * count + phase;
      const along = upright < 0.5 ? y : x;
      const board = Math.floor(across);
      if (across - board < 0.06) return 1;
      return 0.4 + 0.25 * Math.sin(board * 12.9) + 0.12 * Math.sin(along * 9 + board * 5 + 6 * (across - board));
    };
  },
  bokeh: (numbers) => {
    const spots = [0, 1, 2, 3, 4].map((i) => [
      numbers[i],
      numbers[(i * 3 + 2) % 8],
      0.08 + 0.16 * numbers[(i + 5) % 8],
    ]);
    return (x, y) => {
      let light = 0.3 * y;
      for (let i = 0; i < spots.length; i++) {
        const [dx, dy] = [x - spots[i][0], y - spots[i][1]];
        if (dx * dx + dy * dy < spots[i][2] ** 2) light += 0.22;
      }
      return Math.min(1, light);
    };
  },
  wallpaper: ([scale, angle, phase]) => {
    const turn = angle * Math.PI;
    const count = 4 + 8 * scale;
    const [cosine, sine] = [Math.cos(turn) * count, Math.sin(turn) * count];
    return (x, y) => {
      const across = x * cosine + y * sine + phase;
      return across - Math.floor(across) < 0.5 ? 0.85 : 0.15;
    };
  },
};

export const shopBackdrops: readonly string[] = Object.keys(mixtures);

const paper = 244;

/** Fill the raster with a background. Strength 0 gives plain paper, 1 full colours. */
export function drawBackdrop(raster: Raster, background: Background, strength: number): void {
  const { width, height, data } = raster;
  if (strength === 0) {
    data.fill(paper);
    return;
  }
  const mixture = mixtures[background.kind](background.numbers);
  const [red, green, blue] = fade(background, 0, strength);
  const far = fade(background, 1, strength);
  const [toRed, toGreen, toBlue] = [far[0] - red, far[1] - green, far[2] - blue];
  let at = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const mix = mixture((x + 0.5) / width, (y + 0.5) / height);
      data[at++] = red + mix * toRed;
      data[at++] = green + mix * toGreen;
      data[at++] = blue + mix * toBlue;
    }
  }
}

/** A colour of the background, blended with paper. Less saturated than the products. */
function fade({ hues, lightness }: Background, which: 0 | 1, strength: number): number[] {
  return [0, 1 / 3, 2 / 3].map((phase) => {
    const full = 255 * lightness[which] * (0.82 + 0.3 * Math.cos(2 * Math.PI * (hues[which] - phase)));
    return paper + strength * (Math.min(255, full) - paper) + 0.5;
  });
}
