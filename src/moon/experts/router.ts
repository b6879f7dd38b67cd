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
 * What the balance loss reads of some tokens [2 E + 1]: how many chose each expert, each expert's summed probability, and the number of
 * tokens. The sums of several parts of a batch add up to those of the batch. `routed` [T] is 1 for tokens that count, else 0.
 */
export function routerSums({ probabilities, choices }: Routing, routed: tf.Tensor1D): tf.Tensor1D {
  const weight = tf.expandDims(routed, 1);
  const chosen = tf.mean(tf.cast(oneHot(choices, probabilities.shape[1]), 'float32'), 1);
  return tf.concat([
    tf.sum(tf.mul(chosen, weight), 0),
    tf.sum(tf.mul(probabilities, weight), 0),
    tf.expandDims(tf.sum(routed), 0),
  ]) as tf.Tensor1D;
}

/**
 * Load-balancing loss of the Switch Transformer (Fedus et al., arXiv 2101.03961, equation 4): E x sum over experts of (fraction of tokens
 * that chose it x mean probability), from the `routerSums` of a batch. 1 if all experts are used equally.
 */
export function balanceLoss(sums: tf.Tensor1D): tf.Scalar {
  const experts = (sums.size - 1) / 2;
  const [chosen, probable, tokens] = tf.split(sums, [experts, experts, 1]);
  const count = tf.maximum(tokens, 1);
  return tf.mul(tf.sum(tf.mul(tf.div(chosen, count), tf.div(probable, count))), experts) as tf.Scalar;
}
