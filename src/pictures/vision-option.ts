import { fillIn } from '../checks/fill-in.js';
import { type Filled, fraction, integer, tagged, text, yesOrNo } from '../checks/schema.js';

/**
 * Where visual tokens come from.
 * - `qwen`: the network's own vision tower, trained with the rest (the paper's).
 * - `onnx`: a frozen image encoder whose patch features are computed once, kept on disk, and projected by a trained linear map.
 */
export type VisionOption = TowerOption | FrozenVisionOption;

export interface TowerOption {
  kind: 'qwen';
  /**
   * Strength from 0 to 1 of the white balance that every picture is seen with (`greyWorld`; a crop with that of its whole image).
   * Default 0: as stored.
   */
  whiteBalance?: number;
  /**
   * Whether an embedding is the mean of that of the pictures as they are and that of their mirror images, in twice the time. Training
   * shows both anyway. Default false.
   */
  mirrored?: boolean;
}

export interface FrozenVisionOption {
  kind: 'onnx';
  /** The encoder: an ONNX file, or a folder that holds `model.onnx` (see `openFrozenEncoder`). */
  model: string;
  /** Numbers of each of its positions. Default 1280, EfficientNet-lite0's. */
  width?: number;
  /** Its positions are averaged to so many tokens along a side. Default 4: 16 visual tokens, as many as a tower with patches of 8 px has at 64 px. */
  pool?: number;
  /**
   * Augmented views of every picture of training: 1 is the picture as it is, each further one is drawn by the augmentation. More vary
   * training better and take their time once, 20 to 50 ms each. Default 1.
   */
  views?: number;
}

export const visionSchema = tagged<VisionOption>('where visual tokens come from', {
  qwen: {
    whiteBalance: fraction({ default: 0, help: 'the strength of the white balance that pictures are seen with' }),
    mirrored: yesOrNo({ default: false, help: 'embed pictures and their mirror images, and take the mean' }),
  },
  onnx: {
    model: text({ help: 'the frozen encoder: an ONNX file, or the folder of its model.onnx' }),
    width: integer({ min: 1, max: 16384, default: 1280, help: "numbers of each of the encoder's positions" }),
    pool: integer({ min: 1, max: 64, default: 4, help: 'visual tokens along a side, averages of positions' }),
    views: integer({ min: 1, max: 64, default: 1, help: 'augmented views of a picture, the picture itself included' }),
  },
});

export const imageSizeSchema = integer({ min: 8, max: 1024, help: 'the side in pixels of every picture that is seen' });

export function visionOption<Option extends VisionOption>(option: Option): Filled<Option> {
  return fillIn(visionSchema, option, 'vision') as Filled<Option>;
}

/** The white balance that pictures are seen with; a frozen encoder knows them as stored. */
export function whiteBalanceOf(option: VisionOption): number {
  const vision = visionOption(option);
  return vision.kind === 'qwen' ? vision.whiteBalance : 0;
}
