import { statSync } from 'node:fs';
import { UserError, wrongOption } from '../checks/error.js';
import type { Detector } from '../data/region.js';
import type { Raster } from '../data/types.js';
import { decodeImage } from '../pictures/image.js';
import { cocoClasses } from './coco-classes.js';
import { checkForm, outputNames, readDetections, regionsOf } from './detections.js';
import type { DetectorNetwork } from './detector-network.js';
import { openGraphNetwork } from './graph-network.js';
import { identityOf } from './identity.js';
import { openOnnxNetwork } from './onnx-network.js';
import { type ObjectDetectorOption, type PixelScale, regionOption } from './options.js';

/**
 * Open an object detector. `chooseDetection` selects the core region; `source` names each object's class.
 * @throws UserError for a file that is not a detector, or options that do not fit it
 */
export async function openObjectDetector(given: ObjectDetectorOption): Promise<Detector> {
  const option = regionOption(given);
  const { confidence, labels = cocoClasses, units, pixels } = option;
  const network = await openNetwork(option.model);
  try {
    const shape = inputShape(option, network);
    const form = checkForm(option.output, network.outputs);
    const channelsLast = shape[3] === 3;
    const [height, width] = channelsLast ? shape.slice(1) : shape.slice(2);
    const extent = units === 'pixels' ? { width, height } : { width: 1, height: 1 };
    return {
      async detect({ source }, title) {
        const raster = await decodeImage(source, { width, height, fit: 'stretch' });
        const outputs = await network.run(networkPixels(raster, pixels, channelsLast), shape, outputNames(form));
        return regionsOf(readDetections(outputs, form, extent, labels), title, labels, confidence);
      },
      identity: identityOf(
        option.kind,
        { shape, pixels, form, units, labels, confidence, others: true },
        network.weights,
      ),
      dispose: network.dispose,
    };
  } catch (error) {
    network.dispose();
    throw error;
  }
}

function openNetwork(model: string): Promise<DetectorNetwork> {
  if (!statSync(model, { throwIfNoEntry: false })?.isFile())
    throw new UserError(
      `region.model: ${model} is not a file; give an *.onnx file, or the *.json of a tfjs graph model.`,
    );
  if (model.endsWith('.onnx')) return openOnnxNetwork(model);
  if (model.endsWith('.json')) return openGraphNetwork(model);
  throw wrongOption('region.model', model, 'a file *.onnx, or the *.json of a tfjs graph model');
}

/** The input's shape with dynamic sizes filled in. */
function inputShape({ model, side }: { model: string; side: number }, { inputShape }: DetectorNetwork): number[] {
  const [, second, , fourth] = inputShape;
  if (inputShape.length !== 4 || inputShape[0] > 1 || (second !== 3 && fourth !== 3))
    throw new UserError(
      `${model}: its input is [${inputShape}], expected [1, side, side, 3] or [1, 3, side, side]; export it with such an input.`,
    );
  return inputShape.map((size, axis) => size || (axis === 0 ? 1 : side));
}

/** Convert pixels to the network's input, [1, height, width, 3] or [1, 3, height, width]. */
function networkPixels(
  { data, width, height }: Raster,
  { scale, mean, std }: Required<PixelScale>,
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
