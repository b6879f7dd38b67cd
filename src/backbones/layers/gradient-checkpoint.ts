import { cut, type Weights } from '../../engine/flat-weights.js';
import { waitFor } from '../../engine/native-ops.js';
import * as tf from '../../engine/tf.js';

/** A block's output and further named tensors, such as a router's loss. */
export type BlockOutput = {
  x: tf.Tensor2D;
  extra: Record<string, tf.Tensor>;
};

/**
 * Gradient checkpointing (Chen et al., arXiv 1604.06174): run a block and keep only its inputs; the backward pass runs the block again.
 * Gradients are the same, and activations of only one block are in memory at a time.
 * @param block a pure function of its arguments; other tensors that it uses must outlive the backward pass
 * @param x [rows, width]
 * @param weights all weights of the block; they get gradients
 * @param context a record with tensors in it (tables, masks) that get no gradient
 */
export function checkpoint<A>(
  block: (x: tf.Tensor2D, weights: Weights, context: A) => BlockOutput,
  x: tf.Tensor2D,
  weights: Weights,
  context: A,
): BlockOutput {
  const names = Object.keys(weights);
  const named = (values: tf.Tensor[]) => Object.fromEntries(names.map((name, i) => [name, values[i]]));
  const held = tensorsOf(context);
  let parts: { name: string; shape: number[]; dtype: tf.DataType }[] = [];
  /** Concatenates all outputs, because tf.customGrad returns a single tensor. */
  const joined = ([first, ...rest]: tf.Tensor[], innerContext: A): tf.Tensor1D => {
    const output = block(first as tf.Tensor2D, named(rest), innerContext);
    const all = [['x', output.x] as const, ...Object.entries(output.extra)];
    parts = all.map(([name, { shape, dtype }]) => ({ name, shape, dtype }));
    return tf.concat(all.map(([, tensor]) => tf.cast(tf.reshape(tensor, [-1]), 'float32')) as tf.Tensor1D[]);
  };
  const inputs = [x, ...Object.values(weights)];
  const run = tf.customGrad((...given) => {
    const save = given.pop() as tf.GradSaveFunc;
    save([...(given as tf.Tensor[]), ...held]);
    return {
      value: joined(given as tf.Tensor[], context),
      gradFunc: (dy, saved) => {
        // Everything that is computed again depends on x, so x alone has to wait for the slope.
        const later = [waitFor(saved[0], dy as tf.Tensor), ...saved.slice(1, inputs.length)];
        const again = withTensors(context, saved.slice(inputs.length));
        return nestedGradients((...values) => joined(values, again), later, dy as tf.Tensor);
      },
    };
  });
  const output = run(...inputs) as tf.Tensor1D;
  const sizes = parts.map(({ shape }) => shape.reduce((product, side) => product * side, 1));
  const outputs = cut(output, sizes);
  const extra: Record<string, tf.Tensor> = {};
  parts.forEach(({ name, shape, dtype }, i) => {
    extra[name] = tf.cast(tf.reshape(outputs[i], shape), dtype);
  });
  const { x: next, ...rest } = extra;
  return { x: next as tf.Tensor2D, extra: rest };
}

/** Run a block that has one output, checkpointed or not. */
export function runBlockOf<A>(
  checkpointed: boolean | undefined,
  block: (x: tf.Tensor2D, weights: Weights, context: A) => tf.Tensor2D,
  x: tf.Tensor2D,
  weights: Weights,
  context: A,
): tf.Tensor2D {
  if (!checkpointed) return block(x, weights, context);
  return checkpoint((...given) => ({ x: block(...given), extra: {} }), x, weights, context).x;
}

/** Gradients computed inside a backward pass. tfjs has a single gradient tape, so the outer tape is set aside meanwhile. */
function nestedGradients(f: (...inputs: tf.Tensor[]) => tf.Tensor, inputs: tf.Tensor[], dy: tf.Tensor): tf.Tensor[] {
  const { state } = tf.engine();
  const outer = state.activeTape;
  try {
    // A weight that was not used (an expert without tokens) is not on the tape: its gradient is zero.
    const { grads } = tf.engine().gradients(() => f(...inputs), inputs, dy, true);
    return grads.map((grad, i) => grad ?? tf.zerosLike(inputs[i]));
  } finally {
    state.activeTape = outer;
  }
}

/** Every tensor in a nested record, in a fixed order. */
function tensorsOf(value: unknown): tf.Tensor[] {
  if (value instanceof tf.Tensor) return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(tensorsOf) : [];
}

/** The same nested record with its tensors replaced, in the order of `tensorsOf`. */
function withTensors<A>(value: A, tensors: tf.Tensor[]): A {
  const rest = [...tensors];
  const swap = (each: unknown): unknown => {
    if (each instanceof tf.Tensor) return rest.shift();
    if (Array.isArray(each)) return each.map(swap);
    if (typeof each !== 'object' || each === null) return each;
    return Object.fromEntries(Object.entries(each).map(([key, inner]) => [key, swap(inner)]));
  };
  return swap(value) as A;
}
