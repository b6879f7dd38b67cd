import type { Raster } from '../../data/types.js';
import { readProcessor, settingsReader, sizeOf } from '../../pictures/processor-settings.js';
import { resizeImage } from '../layers/resize.js';
import type { PromptImage } from '../prompt-image.js';

/** How an image becomes tiles: the settings of `preprocessor_config.json` in an Idefics3 or SmolVLM folder. */
export interface TileProcessor {
  /** An image is resized to this longest edge first. */
  longestEdge: number;
  /** Side of a tile in pixels. */
  tileSide: number;
  /** Cut a large image into tiles and add the whole image as a last one; else the whole image is the only tile. */
  splitting: boolean;
  kernel: 'lanczos' | 'bicubic';
  rescale: number;
  /** Per channel (red, green, blue), applied after rescaling. */
  mean: [number, number, number];
  std: [number, number, number];
}

/** The tiles of one image, row by row, and the whole image last; 0 x 0 where the whole image is the only tile. */
export interface TiledImage {
  tiles: Extract<PromptImage, { kind: 'tile' }>[];
  rows: number;
  columns: number;
}

/** The published processor makes no image larger. */
const MAX_SIDE = 4096;

/**
 * Parse `preprocessor_config.json`.
 * @throws UserError naming `file` and the setting that is not supported
 */
export function parseTileProcessor(settings: object, file = 'preprocessor_config.json'): TileProcessor {
  const json = settings as Record<string, unknown>;
  const read = settingsReader({ file, json });
  read.requireType(/^(Idefics3|SmolVLM)ImageProcessor(Fast)?$/, "'Idefics3ImageProcessor'");
  read.requireTrue('do_resize', 'do_rescale', 'do_normalize');
  if (json.resample !== undefined && json.resample !== 1 && json.resample !== 3)
    throw read.refuse('resample', '1 (Lanczos) or 3 (bicubic)');
  const edge = (key: string, otherwise: number, more: readonly string[] = []) => {
    const size = json[key] === undefined ? { longest_edge: otherwise } : json[key];
    const { longest_edge: longest } = sizeOf(size, ['longest_edge']) ?? sizeOf(size, ['longest_edge', ...more]) ?? {};
    if (longest === undefined || longest > MAX_SIDE)
      throw read.refuse(key, `longest_edge alone, an integer from 1 to ${MAX_SIDE} in pixels`);
    return longest;
  };
  const { do_image_splitting: splitting = true } = json;
  return {
    // transformers ignores a shortest edge beside the longest one.
    longestEdge: edge('size', 1456, ['shortest_edge']),
    tileSide: edge('max_image_size', 364),
    splitting: Boolean(splitting),
    kernel: json.resample === 3 ? 'bicubic' : 'lanczos',
    rescale: read.positive('rescale_factor', 1 / 255),
    mean: read.channels('image_mean', [0.5, 0.5, 0.5]),
    std: read.channels('image_std', [0.5, 0.5, 0.5]),
  };
}

/** The image processor of an Idefics3 or SmolVLM folder. */
export function loadTileProcessor(dir: string): TileProcessor {
  const { json, file } = readProcessor(dir);
  return parseTileProcessor(json, file);
}

/** Resize, cut and normalise one image as the published processor does (Idefics3, arXiv 2408.12637, section 2.1). */
export function tileImage(image: Raster, processor: TileProcessor): TiledImage {
  const { longestEdge, tileSide, splitting, kernel } = processor;
  const resized = resizeTo(image, scaledTo(image, longestEdge), kernel);
  const fitted = splitting ? grown(resized, tileSide, kernel) : resized;
  const whole = () => normalise(resizeTo(fitted, square(tileSide), kernel), processor);
  if (!splitting) return { tiles: [whole()], rows: 0, columns: 0 };
  const [rows, columns] = [fitted.height / tileSide, fitted.width / tileSide];
  if (rows === 1 && columns === 1) return { tiles: [whole()], rows: 0, columns: 0 };
  const tiles = Array.from({ length: rows * columns }, (_, at) =>
    normalise(cut(fitted, Math.floor(at / columns) * tileSide, (at % columns) * tileSide, tileSide), processor),
  );
  return { tiles: [...tiles, whole()], rows, columns };
}

const square = (side: number) => ({ width: side, height: side });

/** The size whose longer side is `longest`; the other one is made even. */
function scaledTo({ width, height }: Raster, longest: number): { width: number; height: number } {
  const even = (side: number) => Math.max(1, side + (side % 2));
  const aspect = width / height;
  return width >= height
    ? { width: longest, height: even(Math.trunc(longest / aspect)) }
    : { width: even(Math.trunc(longest * aspect)), height: longest };
}

/** The image resized so that both sides are multiples of a tile's. */
function grown(image: Raster, side: number, kernel: TileProcessor['kernel']): Raster {
  const { width, height } = image;
  const aspect = width / height;
  const up = (length: number) => Math.ceil(length / side) * side;
  const size =
    width >= height
      ? { width: up(width), height: up(Math.trunc(up(width) / aspect)) }
      : { width: up(Math.trunc(up(height) * aspect)), height: up(height) };
  return resizeTo(image, size, kernel);
}

function resizeTo(
  image: Raster,
  { width, height }: { width: number; height: number },
  kernel: TileProcessor['kernel'],
): Raster {
  return image.width === width && image.height === height ? image : resizeImage(image, width, height, kernel);
}

function cut({ width, data }: Raster, top: number, left: number, side: number): Raster {
  const out = new Uint8Array(side * side * 3);
  for (let row = 0; row < side; row++) {
    const start = ((top + row) * width + left) * 3;
    out.set(data.subarray(start, start + side * 3), row * side * 3);
  }
  return { width: side, height: side, data: out };
}

function normalise(
  { width, height, data }: Raster,
  { rescale, mean, std }: TileProcessor,
): TiledImage['tiles'][number] {
  const pixels = Float32Array.from(data, (level, at) => {
    const channel = at % 3;
    return Math.fround(
      Math.fround(Math.fround(level * rescale) - Math.fround(mean[channel])) / Math.fround(std[channel]),
    );
  });
  return { kind: 'tile', pixels, side: width, width, height };
}

/**
 * The placeholders of one image in a prompt, as the published processor writes them.
 * @param tokens of one tile
 */
export function tileText({ rows, columns }: Pick<TiledImage, 'rows' | 'columns'>, tokens: number): string {
  const image = '<image>'.repeat(tokens);
  const around = '<fake_token_around_image>';
  const lines = Array.from({ length: rows }, (_, row) => {
    const tiles = Array.from({ length: columns }, (_, column) => `${around}<row_${row + 1}_col_${column + 1}>${image}`);
    return `${tiles.join('')}\n`;
  });
  return `${lines.join('')}${rows ? '\n' : ''}${around}<global-img>${image}${around}`;
}
