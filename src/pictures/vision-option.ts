import { wrongOption } from '../checks/error.js';

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
   * Left out: as stored.
   */
  whiteBalance?: number;
  /** Whether an embedding is the mean of that of the pictures as they are and that of their mirror images, in twice the time. Training shows both anyway. */
  mirrored?: boolean;
}

/** The white balance that pictures are seen with; a frozen encoder knows them as stored. */
export function whiteBalanceOf(vision: VisionOption): number {
  return vision.kind === 'qwen' ? (vision.whiteBalance ?? 0) : 0;
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
   * Looks at every picture of training: 1 is the picture as it is, each further one is drawn by the augmentation. More vary
   * training better and take their time once, 20 to 50 ms each.
   */
  variants?: number;
}

/** The option with everything filled in. @throws UserError for a wrong one */
export function checkVision({
  kind,
  model,
  width = 1280,
  pool = 4,
  variants = 1,
}: FrozenVisionOption): Required<FrozenVisionOption> {
  const whole = (name: string, value: number) => {
    if (!(Number.isInteger(value) && value >= 1))
      throw wrongOption(`vision.${name}`, value, 'a whole number of at least 1');
  };
  if (typeof model !== 'string' || !model) throw wrongOption('vision.model', model, 'an ONNX file, or its folder');
  whole('width', width);
  whole('pool', pool);
  whole('variants', variants);
  return { kind, model, width, pool, variants };
}
