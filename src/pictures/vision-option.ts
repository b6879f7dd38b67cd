import { fillIn } from '../checks/fill-in.js';
import { boolean, type Filled, fraction, integer, oneOf, orElse, tagged, text } from '../checks/schema.js';
import { type SizeName, type Stem, sizeNames, stemSchema } from './tower-option.js';

/**
 * The source of visual tokens.
 * - `qwen`: the network's own vision tower, trained with the rest (the paper's).
 * - `own`: a new tower in place of that of a published network, which may have none. It starts from random weights and is trained entirely.
 * - `onnx`: a frozen image encoder. Its patch features are computed once, cached on disk, and projected by a trained linear map.
 * - `none`: no pictures; products and queries are texts.
 */
export type VisionOption = TowerOption | OwnTowerOption | FrozenVisionOption | { kind: 'none' };

export interface TowerOption extends PixelOptions {
  kind: 'qwen';
  /**
   * - `fixed`: every picture becomes a square with sides of `imageSize` pixels.
   * - `dynamic`: a picture keeps its aspect ratio, and its own size up to `imageSize`² pixels, as published (Qwen2.5-VL and Qwen3-VL).
   */
  resolution?: 'fixed' | 'dynamic';
}

export interface OwnTowerOption extends PixelOptions {
  kind: 'own';
  /** The named size that sets the widths of its blocks. Default `tiny`. */
  size?: SizeName;
  /** Number of its blocks. Default set by the size. */
  depth?: number;
  /** Default `patch`. */
  stem?: Stem;
}

/** How a tower that is trained reads pictures. */
interface PixelOptions {
  /**
   * Strength from 0 to 1 of the white balance of every picture (`greyWorld`; a crop uses that of its whole image). Default 0: as stored.
   */
  whiteBalance?: number;
  /**
   * Whether an embedding is the mean of the embeddings of a picture and of its mirror image, which takes twice the time. Training shows
   * both in either case. Default false.
   */
  mirrored?: boolean;
}

export interface FrozenVisionOption {
  kind: 'onnx';
  /** The encoder: an ONNX file, or a folder that contains `model.onnx` (see `openFrozenEncoder`). */
  model: string;
  /** Width of its features. Default 1280, EfficientNet-lite0's. */
  width?: number;
  /**
   * Its positions are averaged to this number of tokens along each side. Default 4, which gives 16 visual tokens, as many as a tower with
   * patches of 8 px has at 64 px.
   */
  pool?: number;
  /** What maps features to tokens: one linear map, or two with a GELU between them (as in LLaVA 1.5). Default `linear`. */
  connector?: 'linear' | 'mlp';
  /**
   * Number of augmented views of every training picture. View 1 is the picture itself; each further one is a random augmentation, which
   * costs 20 to 50 ms once. More views give training more variety. Default 1.
   */
  views?: number;
}

const pixelOptions = {
  whiteBalance: fraction({ default: 0, help: 'the strength of the white balance of pictures' }),
  mirrored: boolean({ default: false, help: 'average the embeddings of pictures and of their mirror images' }),
};

export const visionSchema = tagged<VisionOption, 'depth'>('the source of visual tokens', {
  qwen: {
    resolution: oneOf(['fixed', 'dynamic'], {
      default: 'fixed',
      help: 'fixed: pictures become squares; dynamic: they keep their aspect ratio, and their size up to imageSize x imageSize pixels',
    }),
    ...pixelOptions,
  },
  own: {
    size: oneOf(sizeNames, { default: 'tiny', help: 'the named size, which sets the widths of the new tower' }),
    depth: integer({ min: 1, max: 128, leftOut: 'set by the size', help: 'blocks of the new tower' }),
    stem: orElse(stemSchema, { kind: 'patch' }),
    ...pixelOptions,
  },
  none: {},
  onnx: {
    model: text({ help: 'the frozen encoder: an ONNX file, or the folder that contains model.onnx' }),
    width: integer({ min: 1, max: 16384, default: 1280, help: "the width of the encoder's features" }),
    pool: integer({
      min: 1,
      max: 64,
      default: 4,
      help: 'visual tokens along each side, each the average of several positions',
    }),
    connector: oneOf(['linear', 'mlp'], {
      default: 'linear',
      help: 'what maps features to tokens: one linear map, or two with a GELU between them',
    }),
    views: integer({
      min: 1,
      max: 64,
      default: 1,
      help: 'number of augmented views of a training picture, including the picture itself',
    }),
  },
});

export const imageSizeSchema = integer({ min: 8, max: 1024, help: 'the side of every input picture, in pixels' });

export function visionOption<Option extends VisionOption>(option: Option): Filled<Option, 'depth'> {
  return fillIn(visionSchema, option, 'vision') as Filled<Option, 'depth'>;
}

/** Whether pictures keep their own aspect ratios and sizes. */
export function isDynamic(option: VisionOption): boolean {
  const vision = visionOption(option);
  return vision.kind === 'qwen' && vision.resolution === 'dynamic';
}

/** Strength of the white balance; 0 for a frozen encoder, which gets pictures as stored. */
export function whiteBalanceOf(option: VisionOption): number {
  const vision = visionOption(option);
  return 'whiteBalance' in vision ? vision.whiteBalance : 0;
}

/** Whether embeddings are means over pictures and their mirror images. */
export function isMirrored(option: VisionOption): boolean {
  const vision = visionOption(option);
  return 'mirrored' in vision && vision.mirrored;
}
