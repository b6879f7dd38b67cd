import { logits, runLanguage } from '../backbones/layers/decoder.js';
import { TOKENS } from '../backbones/layers/decoder-names.js';
import type { Weights } from '../engine/flat-weights.js';
import { gatherRows } from '../engine/native-ops.js';
import * as tf from '../engine/tf.js';
import { projectFeatures } from '../moon/projector.js';
import type { QuizTensors } from './batch.js';
import { modalityNames } from './modality.js';
import { adapterTokens, type ComposedNetwork } from './network.js';

/** Scores of all words as the answer to each question [questions, words]. A pure, differentiable function of the weights. */
export function answerScores(
  network: Omit<ComposedNetwork, 'weights'>,
  weights: Weights,
  { source, groups, mask, positions, ask, features }: QuizTensors,
): tf.Tensor2D {
  const { decoder, modalities } = network;
  const table = modalities.flatMap(({ name, frame }) => {
    const { projector, prefix, suffix } = modalityNames(name);
    const framed = frame ? [weights[prefix], weights[suffix]] : [];
    return [...framed, projectFeatures(projector, weights, features[name])] as tf.Tensor2D[];
  });
  const rows = tf.concat([weights[TOKENS] as tf.Tensor2D, ...table], 0);
  const { last } = runLanguage(decoder, weights, {
    embeddings: tf.reshape(gatherRows(rows, source), [...mask.shape, decoder.width]) as tf.Tensor3D,
    positions,
    mask,
    attention: 'causal',
    adapters: adapterTokens(network, groups),
  });
  const flat = tf.reshape(last, [-1, decoder.width]) as tf.Tensor2D;
  return logits(weights, gatherRows(flat, ask));
}
