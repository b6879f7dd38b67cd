import { loraModule, loraNames, type TokenAdapters } from '../backbones/layers/adapted-linear.js';
import type { DecoderConfig } from '../backbones/layers/decoder-config.js';
import { decoderShapes } from '../backbones/layers/decoder-shapes.js';
import { initDecoder } from '../backbones/layers/init-decoder.js';
import type { Weights } from '../engine/flat-weights.js';
import type { RandomStream } from '../engine/random.js';
import * as tf from '../engine/tf.js';
import { initProjector } from '../moon/projector.js';
import { initLora, type LoraOptions } from '../weights/lora.js';
import { type ModalityShape, modalityNames } from './modality.js';

/** Which tokens use an adapter: all, those of words, or those of one modality. */
export type AdapterTokens = 'all' | 'words' | { modality: string };

/** A language model that reads products in words and in modalities, with adapters that some of its tokens use. */
export interface ComposedNetwork {
  decoder: DecoderConfig;
  modalities: readonly ModalityShape[];
  /** By name. Their matrices are named as in PEFT, `{projection}.lora_A.{adapter}.weight`. */
  adapters: Readonly<Record<string, AdapterTokens>>;
  /** The language model's, those of the modalities, and the adapters'. */
  weights: Weights;
}

/** Settings of an adapter of all projections of the blocks. Its scale is 1: alpha equals the rank. */
const adapterOptions = (rank: number): LoraOptions => ({
  rank,
  alpha: rank,
  targets: ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'],
});

/** A language model that knows words alone. */
export function initTextNetwork(decoder: DecoderConfig, stream: RandomStream): ComposedNetwork {
  const weights = initDecoder(decoderShapes(decoder, true), decoder.initRange, stream);
  return { decoder, modalities: [], adapters: {}, weights };
}

/** What training adds to a network for new modalities: their projectors and frames, and adapters that change nothing yet. */
export function initParts(
  { decoder }: Pick<ComposedNetwork, 'decoder'>,
  modalities: readonly ModalityShape[],
  adapters: readonly string[],
  rank: number,
  stream: RandomStream,
): Weights {
  const { width, initRange } = decoder;
  const parts: Weights = {};
  for (const { name, frame, width: features } of modalities) {
    const names = modalityNames(name);
    const own = stream.child(name);
    Object.assign(parts, initProjector(names.projector, features, width, initRange, own.child('projector')));
    for (const side of frame ? [names.prefix, names.suffix] : []) {
      const draw = own.child(side);
      const values = Float32Array.from({ length: frame * width }, () => initRange * draw.normal());
      parts[side] = tf.tensor2d(values, [frame, width]);
    }
  }
  const shapes = decoderShapes(decoder, true);
  for (const adapter of adapters) {
    const { weights } = initLora(shapes, adapterOptions(rank), stream.child(`adapter ${adapter}`));
    Object.assign(parts, withAdapter(weights, adapter));
  }
  return parts;
}

/** The name of an adapter's matrix with the adapter's own. */
function named(name: string, adapter: string): string {
  const { module, part } = loraModule(name)!;
  return loraNames(module, adapter)[part];
}

/** The tokens of each adapter as factors [rows, 1]. @param groupOf [rows] 0 for words, the number of the modality from 1 on otherwise */
export function adapterTokens(
  { adapters, modalities }: Pick<ComposedNetwork, 'adapters' | 'modalities'>,
  groupOf: tf.Tensor1D,
): TokenAdapters {
  const inGroup = (group: number) =>
    tf.expandDims(tf.cast(tf.equal(groupOf, tf.scalar(group, 'int32')), 'float32'), 1) as tf.Tensor2D;
  return Object.fromEntries(
    Object.entries(adapters).map(([name, tokens]) => {
      if (tokens === 'all') return [name, tf.ones([groupOf.shape[0], 1])];
      if (tokens === 'words') return [name, inGroup(0)];
      return [name, inGroup(1 + modalities.findIndex((modality) => modality.name === tokens.modality))];
    }),
  );
}

/** The matrices of one of several adapters, by their names without its own. */
export function adapterOf(weights: Weights, adapter: string): Weights {
  return Object.fromEntries(
    Object.entries(weights).flatMap(([name, matrix]) => {
      const [, module, part, own] = /^(.+)\.lora_([AB])\.([^.]+)\.weight$/.exec(name) ?? [];
      return own === adapter ? [[`${module}.lora_${part}.weight`, matrix] as const] : [];
    }),
  );
}

/** The matrices of an adapter, by names with its own. */
export function withAdapter(weights: Weights, adapter: string): Weights {
  return Object.fromEntries(Object.entries(weights).map(([name, matrix]) => [named(name, adapter), matrix]));
}
