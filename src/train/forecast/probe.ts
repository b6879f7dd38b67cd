import { writeFileSync } from 'node:fs';
import type { MoonConfig } from '../../config/config.js';
import { preferenceSizes } from '../../config/preference-sizes.js';
import { fullImage } from '../../data/region.js';
import { trainedOnNothing } from '../../data/trained-on.js';
import type { Catalogue } from '../../data/types.js';
import type { Encoder } from '../../encoder/encoder.js';
import { flatten } from '../../engine/flat-weights.js';
import { peakMemory } from '../../engine/memory.js';
import { randomStream } from '../../engine/random.js';
import * as tf from '../../engine/tf.js';
import { lossWeights } from '../../losses/loss-weights.js';
import { completeWeights, type MoonModel } from '../../moon/model.js';
import { networkShapes } from '../../moon/tower.js';
import { mainObjective } from '../../objectives/index.js';
import { NO_AUGMENTATION } from '../../pictures/augment.js';
import type { Pixels } from '../../pictures/picture-store.js';
import { uploadPictures } from '../../pictures/stored-pictures.js';
import { visionOption } from '../../pictures/vision-option.js';
import { createTokenizer, type TokenizerJson } from '../../text/tokenizer.js';
import { trainSteps } from '../loop.js';
import { openTuning } from '../tuning/tuning.js';

/** A network to try: a few blocks of the one that a run would train. Plain values, so that another process can do it. */
export interface ProbeRequest {
  config: MoonConfig;
  model: MoonModel;
  /** Content of `tokenizer.json`. */
  tokenizer: TokenizerJson;
  catalogue: Catalogue;
}

export interface Probe {
  /** Of one update of the contrastive stage. */
  seconds: number;
  /** Peak memory of the process in bytes: until the network is there, and during the updates. */
  opened: number;
  updated: number;
  /** Numbers that the run trains, and all numbers of the network. */
  trained: number;
  parameters: number;
}

/** The first update records and loads graphs. With so many more, most runs meet the larger of their two batch sizes too. */
const WARM = 1;
const TIMED = 7;

/** Train a network of random weights on random pictures for a few updates, in a process of its own, and measure it. */
export async function probe({ config, model, tokenizer, catalogue }: ProbeRequest): Promise<Probe> {
  const weights = completeWeights(model, randomWeights(model), randomStream(0, 'probe'));
  Object.assign(weights, lossWeights(config.temperature, preferenceSizes(config), randomStream(0, 'probe')));
  const steps = WARM + TIMED;
  // What is generated changes no step.
  const short: MoonConfig = { ...config, enrich: {}, optimizer: { ...config.optimizer, steps, warmUpSteps: 1 } };
  const given = createTokenizer(tokenizer, 'tokenizer.json');
  const encoder: Encoder = { config: short, model, tokenizer: given, trainedOn: trainedOnNothing, ...flatten(weights) };
  const parameters = encoder.parameters.size;
  const tuning = openTuning(encoder);
  const trained = tuning.layout.sizes.reduce((sum, size) => sum + size, 0);
  tuning.dispose();
  const opened = peakMemory();
  forgetPeak();
  const seconds: number[] = [];
  const stages = [{ objective: mainObjective(config), steps }];
  for await (const record of trainSteps(encoder, catalogue, randomPixels(model), { stages }))
    seconds.push(record.seconds);
  encoder.parameters.dispose();
  const timed = seconds.slice(WARM).sort((a, b) => a - b);
  return { seconds: timed[timed.length >> 1], opened, updated: peakMemory(), trained, parameters };
}

/** Weights as the engine draws them, much faster than seeded ones. */
function randomWeights(model: MoonModel): Record<string, tf.Tensor> {
  return Object.fromEntries(
    Object.entries(networkShapes(model)).map(([name, shape]) => [
      name,
      shape.length === 1 ? tf.ones(shape) : tf.randomNormal(shape, 0, 0.02),
    ]),
  );
}

/** Pictures of the largest size, each with a core region: of noise, or grey where pictures keep their shapes. */
function randomPixels({ imageSize, vision }: MoonModel): Pixels {
  const frozen = vision.kind === 'onnx' ? visionOption(vision) : undefined;
  const shape = frozen ? [frozen.pool ** 2, frozen.width] : [imageSize, imageSize, 3];
  const side = Math.round(imageSize * 1.25);
  const grey = { width: side, height: side, data: new Uint8Array(side * side * 3).fill(128) };
  return {
    size: imageSize,
    boxOf: () => fullImage,
    wordsOf: () => 'four words and more',
    rasterOf: () => grey,
    sizeOf: () => ({ width: imageSize, height: imageSize }),
    inputOf: (pictures, { count = pictures.length, shapes } = {}) =>
      shapes && pictures.length
        ? uploadPictures(Array(pictures.length).fill(grey), Array(pictures.length).fill(NO_AUGMENTATION), shapes, count)
        : tf.randomUniform([pictures.length ? count : 0, ...shape], 0, 1, 'float32', 1),
    missing: new Map(),
    regions: { regions: 0, fallbacks: {} as never, upsampled: 0 },
  };
}

/** Let `peakMemory` count from now on, where the system can. */
function forgetPeak(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Elsewhere the peak is that of the whole process, which forecasts too much rather than too little.
  }
}
