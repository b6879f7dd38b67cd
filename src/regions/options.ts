import { fillIn } from '../checks/fill-in.js';
import { type Filled, fraction, integer, list, number, oneOf, orElse, record, tagged, text } from '../checks/schema.js';

/** How the core region of an image is found. With `none`, sequences have no crops. */
export type RegionOption =
  | { kind: 'none' }
  | SaliencyOption
  | SegmentationOption
  | GivenBoxOption
  | CentreOption
  | RandomOption
  | DuplicateOption
  | GroundingOption
  | AttentionOption
  | ObjectDetectorOption;

/** Finds the subject by salience: the area that contrasts with the image border (`saliencyMap`). Needs no weights and no title. */
export interface SaliencyOption {
  kind: 'saliency';
  /**
   * Side in pixels of the square that the image is resized to. A smaller one ignores background texture; a larger one finds thin parts.
   * Default 48.
   */
  side?: number;
}

/** Finds the subject by a network that segments the salient object, such as U2Netp. Needs no title. */
export interface SegmentationOption {
  kind: 'segmentation';
  /** An *.onnx file, a folder with one, or the name of a downloaded network: `u2netp` (`npx moon-lab model get u2netp`). */
  model: string;
  /** Pixels above this belong to the object. Default 0.5. */
  threshold?: number;
}

/** The boxes in the data (`ProductImage.box`): an upper bound for detectors, if they are correct. */
export interface GivenBoxOption {
  kind: 'boxes';
}

/** Control: the centre of every image, with the image's aspect ratio. */
export interface CentreOption {
  kind: 'centre';
  /** Fraction of the image that the box covers. Default 0.5; give it the area that a detector keeps (`scoreRegions`). */
  area?: number;
}

/** Control: a random box, which depends only on the image id and the seed. */
export interface RandomOption {
  kind: 'random';
  /** Fraction of the image that the box covers. Default 0.5; give it the area that a detector keeps (`scoreRegions`). */
  area?: number;
  /** Seed of the boxes. Default 0. */
  seed?: number;
}

/** Control: the whole image again, so that a sequence has as many tokens as with a crop. */
export interface DuplicateOption {
  kind: 'duplicate';
}

/**
 * A generative multimodal model that gives the bounding box of the object that the title names, or of the main product. The paper uses this
 * with a frozen Qwen2.5-VL.
 */
export interface GroundingOption {
  kind: 'grounding';
  /** A Hugging Face folder: a published Qwen2.5-VL, or a small network trained with moon-lab. */
  model: string;
  /** Maximum tokens of the answer. Default 128. */
  maxTokens?: number;
}

/** The attention from the title to the image in a trained network. */
export interface AttentionOption {
  kind: 'attention';
  /** Name of a run's checkpoint. It is frozen, and never the network in training. */
  checkpoint: string;
}

/**
 * Any object detector as an ONNX file or a tfjs graph model, from one image of [1, side, side, 3] or [1, 3, side, side] to boxes after
 * non-maximum suppression. The defaults fit the COCO CenterNet in the npm package @vladmandic/human (MIT), models/centernet.json.
 */
export interface ObjectDetectorOption {
  kind: 'detector';
  /** Path of an `*.onnx` file, or of the `*.json` of a tfjs graph model. */
  model: string;
  /** Side of the input in pixels, if the network leaves it open. Default 640. The image is stretched to a square. */
  side?: number;
  /** A channel value from 0 to 255 becomes (value * scale - mean) / std. Default: unchanged. */
  pixels?: PixelScale;
  /** Layout of the outputs. Default: rows of x1, y1, x2, y2, score, class. */
  output?: DetectionForm;
  /** Units of the boxes: pixels of the network's input (default), or fractions of it. */
  units?: 'pixels' | 'fractions';
  /** Names of all classes. Default: COCO's 80. */
  labels?: readonly string[];
  /** Smallest score of an object that counts. Default 0.2, as in that package. */
  confidence?: number;
}

export interface PixelScale {
  scale?: number;
  mean?: readonly [number, number, number];
  std?: readonly [number, number, number];
}

/** How a network's outputs encode detections. Names are those of its outputs. */
export type DetectionForm =
  /** One output with rows of x1, y1, x2, y2, score, class. Default name: the first output whose last axis has 6 entries. */
  | { kind: 'rows'; name?: string }
  /** Three outputs, as in TensorFlow's object detection and torchvision. */
  | { kind: 'columns'; boxes: string; scores: string; classes: string; order: 'xyxy' | 'yxyx' };

/** Optional fields without a default value. */
type Open = 'labels' | 'name';

const area = number({ min: 0.05, max: 1, default: 0.5, help: 'the fraction of the image that the box covers' });

export const regionSchema = tagged<RegionOption, Open>('how the core region of a picture is found', {
  none: {},
  saliency: {
    side: integer({ min: 8, max: 4096, default: 48, help: 'the side in pixels that pictures are resized to' }),
  },
  segmentation: {
    model: text({ help: 'an *.onnx file, or the name of a downloaded network such as u2netp' }),
    threshold: fraction({ default: 0.5, help: 'mask value above which a pixel belongs to the object' }),
  },
  boxes: {},
  centre: { area },
  random: { area, seed: integer({ min: 0, default: 0, help: 'the seed of the boxes' }) },
  duplicate: {},
  grounding: {
    model: text({ help: 'a Hugging Face folder of Qwen2.5-VL' }),
    maxTokens: integer({ min: 1, max: 4096, default: 128, help: 'maximum tokens of the answer' }),
  },
  attention: { checkpoint: text({ help: 'the run whose network gives the attention from the title to the picture' }) },
  detector: {
    model: text({ help: 'an *.onnx file, or the *.json of a tfjs graph model' }),
    side: integer({
      min: 32,
      max: 4096,
      default: 640,
      help: 'the side of the input in pixels, if the network leaves it open',
    }),
    pixels: orElse(
      record<PixelScale>({
        scale: number({ default: 1, help: 'factor on channel values from 0 to 255' }),
        mean: list(number({ help: 'a mean' }), {
          length: 3,
          default: [0, 0, 0],
          help: 'subtracted from red, green and blue after scaling',
        }),
        std: list(number({ min: 1e-9, help: 'a standard deviation' }), {
          length: 3,
          default: [1, 1, 1],
          help: 'divides red, green and blue after subtracting the mean',
        }),
      }),
      {},
    ),
    output: orElse(
      tagged<DetectionForm, 'name'>("the layout of the network's outputs", {
        rows: {
          name: text({
            leftOut: 'the first output with rows of 6',
            help: 'the output with rows of x1, y1, x2, y2, score, class',
          }),
        },
        columns: {
          boxes: text({ help: 'the output with the boxes' }),
          scores: text({ help: 'the output with the scores' }),
          classes: text({ help: 'the output with the classes' }),
          order: oneOf(['xyxy', 'yxyx'], { help: 'the order of the coordinates of a box' }),
        },
      }),
      { kind: 'rows' },
    ),
    units: oneOf(['pixels', 'fractions'], {
      default: 'pixels',
      help: "the units of the boxes: pixels or fractions of the network's input",
    }),
    labels: list(text({ help: 'a name' }), { leftOut: "COCO's 80", help: 'the names of all classes' }),
    confidence: fraction({ default: 0.2, help: 'the smallest score of an object that counts' }),
  },
});

/** @throws UserError for a wrong option */
export function regionOption<Option extends RegionOption>(option: Option): Filled<Option, Open> {
  return fillIn(regionSchema, option, 'region') as Filled<Option, Open>;
}
