import { UserError } from '../../checks/error.js';
import type { Family } from '../family.js';
import { decoderShapes } from '../layers/decoder-shapes.js';
import { qwenMarks } from '../layers/image-marks.js';
import { linearPositions } from '../layers/linear-positions.js';
import { type LlamaConfig, llamaToJson, parseLlamaConfig } from './config.js';

export const llama: Family<LlamaConfig> = {
  name: 'Llama',
  modelTypes: ['llama'],
  marks: qwenMarks,
  learnedTokens: () => ({}),
  positionsOfImages: 'linear',
  parseConfig: parseLlamaConfig,
  configToJson: llamaToJson,
  weightShapes: ({ text, tied }) => decoderShapes(text, tied),
  canonicalName: (name) => name,
  moduleName: (name) => name,
  encodeImages() {
    throw new UserError(
      'prompt: shows images, and a Llama network reads text alone. Leave them out, or take a vision-language model.',
    );
  },
  positions: (_, ids) => linearPositions(ids.length),
};
