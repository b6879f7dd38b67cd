import * as tf from '../../engine/tf.js';
import { oneHot } from './one-hot.js';

/** Which expert reads which token, as tensors that are never read on the host. T tokens, k choices each, E ordinary experts. */
export interface Routing {
  /** [T, E] softmax over the ordinary experts. */
  probabilities: tf.Tensor2D;
  /** [T, k] chosen experts, most probable first. */
  choices: tf.Tensor2D;
  /** [T, k] probability of each choice; the expert's output is multiplied by it. */
  gates: tf.Tensor2D;
}

/** The learned gate: softmax of logits [T, E] over the ordinary experts, then the k largest (paper, figure 5; Switch, arXiv 2101.03961). */
export function route(logits: tf.Tensor2D, topK: number): Routing {
  const probabilities = tf.softmax(logits);
  const choices = chooseTop(probabilities, topK);
  const chosen = oneHot(choices, logits.shape[1]) as tf.Tensor3D;
  const gates = tf.sum(tf.mul(tf.expandDims(probabilities, 1), tf.cast(chosen, 'float32')), 2) as tf.Tensor2D;
  return { probabilities, choices, gates };
}

/** The same with the gates of a token's choices divided by their sum (MOON2.0, arXiv 2511.12449): the softmax over the chosen experts alone. */
export function routeNormalised(logits: tf.Tensor2D, topK: number): Routing {
  const { gates, ...routing } = route(logits, topK);
  return { ...routing, gates: tf.div(gates, tf.sum(gates, 1, true)) };
}

/** The choice has no gradient; only the gate's probability has. */
function chooseTop(probabilities: tf.Tensor2D, topK: number): tf.Tensor2D {
  const choose = tf.customGrad((x) => {
    const source = x as tf.Tensor2D;
    const { indices } = tf.topk(source, topK);
    return { value: indices, gradFunc: () => tf.zerosLike(source) };
  });
  return choose(probabilities) as tf.Tensor2D;
}

/**
 * Load-balancing loss of the Switch Transformer (Fedus et al., arXiv 2101.03961, equation 4): E x sum over experts of (fraction of tokens
 * that chose it x mean probability). 1 if all experts are used equally. `routed` [T] is 1 for tokens that count, else 0.
 */
export function balanceLoss({ probabilities, choices }: Routing, routed: tf.Tensor1D): tf.Scalar {
  const experts = probabilities.shape[1];
  const count = tf.maximum(tf.sum(routed), 1);
  const weight = tf.expandDims(routed, 1);
  const chosen = tf.mean(tf.cast(oneHot(choices, experts), 'float32'), 1);
  const fraction = tf.div(tf.sum(tf.mul(chosen, weight), 0), count);
  const mean = tf.div(tf.sum(tf.mul(probabilities, weight), 0), count);
  return tf.mul(tf.sum(tf.mul(fraction, mean)), experts) as tf.Scalar;
}
