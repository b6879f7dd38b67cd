import * as tf from '../engine/tf.js';

/** Which expert reads which token, as tensors: nothing here is known on the host. T tokens, k choices each, E experts. */
export interface Routing {
  /** [T, E] softmax over the experts. */
  probabilities: tf.Tensor2D;
  /** [T, k] chosen experts, most probable first. */
  choices: tf.Tensor2D;
  /** [T, k] probability of each choice: what its output is multiplied by. */
  gates: tf.Tensor2D;
}

/** The learned gate: softmax of a linear map over the ordinary experts, the k largest chosen (paper, figure 5; Switch, GShard). */
export function route(tokens: tf.Tensor2D, weight: tf.Tensor2D, topK: number): Routing {
  const probabilities = tf.softmax(tf.matMul(tokens, weight, false, true)) as tf.Tensor2D;
  const choices = chooseTop(probabilities, topK);
  const chosen = tf.oneHot(choices, weight.shape[0]) as tf.Tensor3D;
  const gates = tf.sum(tf.mul(tf.expandDims(probabilities, 1), tf.cast(chosen, 'float32')), 2) as tf.Tensor2D;
  return { probabilities, choices, gates };
}

/** The choice itself has no gradient; only the gate's value has. */
function chooseTop(probabilities: tf.Tensor2D, topK: number): tf.Tensor2D {
  const choose = tf.customGrad((x) => {
    const source = x as tf.Tensor2D;
    const { indices } = tf.topk(source, topK);
    return { value: indices, gradFunc: () => tf.zerosLike(source) };
  });
  return choose(probabilities) as tf.Tensor2D;
}

/**
 * Balance term of the Switch Transformer (Fedus et al. 2021, equation 4): E x sum over experts of (share of tokens that chose
 * it x mean probability). 1 when all are used alike. `valid` [T] is 0 for empty slots.
 */
export function balanceLoss({ probabilities, choices }: Routing, valid: tf.Tensor1D): tf.Scalar {
  const experts = probabilities.shape[1];
  const count = tf.maximum(tf.sum(valid), 1);
  const weight = tf.expandDims(valid, 1);
  const chosen = tf.mean(tf.cast(tf.oneHot(choices, experts), 'float32'), 1);
  const share = tf.div(tf.sum(tf.mul(chosen, weight), 0), count);
  const mean = tf.div(tf.sum(tf.mul(probabilities, weight), 0), count);
  return tf.mul(tf.sum(tf.mul(share, mean)), experts) as tf.Scalar;
}

/** Places of tokens when they are sorted by expert and each expert's share is filled up to whole blocks. */
export interface Dispatch {
  /** [T k] slot of every choice. */
  slotOf: tf.Tensor1D;
  /** [slots] choice of every slot; T k where empty. */
  choiceOf: tf.Tensor1D;
  /** [blocks] expert of every block. */
  expertOf: tf.Tensor1D;
  blocks: number;
}

/**
 * Sort choices [T, k] by expert into blocks of `block` slots. The number of blocks, floor(T k / block) + E, is enough for any
 * choices, so that shapes are static, no token is dropped and the work grows with k and not with E.
 */
export function dispatch(choices: tf.Tensor2D, experts: number, block: number): Dispatch {
  return tf.tidy(() => {
    const count = choices.size;
    const blocks = Math.floor(count / block) + experts;
    const flat = tf.reshape(choices, [count]) as tf.Tensor1D;
    const chosen = tf.cast(tf.oneHot(flat, experts), 'float32') as tf.Tensor2D;
    const filled = tf.ceil(tf.div(tf.sum(chosen, 0), block)) as tf.Tensor1D;
    const firstBlock = tf.cumsum(filled, 0, true) as tf.Tensor1D;
    const place = tf.add(tf.cumsum(chosen, 0, true), tf.mul(firstBlock, block));
    const slotOf = tf.cast(tf.sum(tf.mul(place, chosen), 1), 'int32') as tf.Tensor1D;
    const shifted = tf.range(-count, 0, 1, 'int32');
    const choiceOf = tf.add(
      tf.scatterND(tf.expandDims(slotOf, 1), shifted, [blocks * block]),
      tf.scalar(count, 'int32'),
    );
    const lastBlock = tf.add(firstBlock, filled);
    const passed = tf.greaterEqual(tf.expandDims(tf.range(0, blocks), 1), tf.expandDims(lastBlock, 0));
    const expertOf = tf.minimum(tf.sum(tf.cast(passed, 'int32'), 1), tf.scalar(experts - 1, 'int32'));
    return { slotOf, choiceOf: choiceOf as tf.Tensor1D, expertOf: expertOf as tf.Tensor1D, blocks };
  });
}
