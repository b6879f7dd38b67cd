import type { Weights } from '../../engine/flat-weights.js';
import { tiedTogether } from '../../engine/native-ops.js';
import * as tf from '../../engine/tf.js';

/** A block's output, and named tensors beside it. */
export type BlockOutput = {
  x: tf.Tensor2D;
  extra: Record<string, tf.Tensor>;
};

/**
 * Gradient checkpointing (Chen et al., arXiv 1604.06174): run a block and store nothing but its inputs; the backward pass runs it
 * once more. Gradients are the same, memory is that of one block.
 * @param block a pure function of its arguments; other tensors that it touches must outlive the backward pass
 * @param x [rows, width]
 * @param weights all that the block has, with gradients
 * @param around a record with tensors in it (tables, masks) that have no gradient
 */
export function checkpoint<A>(
  block: (x: tf.Tensor2D, weights: Weights, around: A) => BlockOutput,
  x: tf.Tensor2D,
  weights: Weights,
  around: A,
): BlockOutput {
  const names = Object.keys(weights);
  const named = (values: tf.Tensor[]) => Object.fromEntries(names.map((name, i) => [name, values[i]]));
  const held = tensorsOf(around);
  let parts: { name: string; shape: number[]; dtype: tf.DataType }[] = [];
  /** All outputs in one row, because an operation with its own gradient gives a single tensor. */
  const joined = ([first, ...rest]: tf.Tensor[], surroundings: A): tf.Tensor1D => {
    const output = block(first as tf.Tensor2D, named(rest), surroundings);
    const all = [['x', output.x] as const, ...Object.entries(output.extra)];
    parts = all.map(([name, { shape, dtype }]) => ({ name, shape, dtype }));
    return tf.concat(all.map(([, tensor]) => tf.cast(tf.reshape(tensor, [-1]), 'float32')) as tf.Tensor1D[]);
  };
  const inputs = [x, ...Object.values(weights)];
  const run = tf.customGrad((...given) => {
    const save = given.pop() as tf.GradSaveFunc;
    save([...(given as tf.Tensor[]), ...held]);
    return {
      value: joined(given as tf.Tensor[], around),
      gradFunc: (dy, saved) => {
        const [slope, ...later] = tiedTogether([dy as tf.Tensor, ...saved]);
        const again = withTensors(around, later.slice(inputs.length));
        return gradientsApart((...values) => joined(values, again), later.slice(0, inputs.length), slope);
      },
    };
  });
  const output = run(...inputs) as tf.Tensor1D;
  const sizes = parts.map(({ shape }) => shape.reduce((product, side) => product * side, 1));
  // The gradient of a split into one part is wrong in tfjs.
  const outputs = parts.length === 1 ? [output] : tf.split(output, sizes);
  const extra: Record<string, tf.Tensor> = {};
  parts.forEach(({ name, shape, dtype }, i) => {
    extra[name] = tf.cast(tf.reshape(outputs[i], shape), dtype);
  });
  const { x: next, ...rest } = extra;
  return { x: next as tf.Tensor2D, extra: rest };
}

/** Gradients inside a backward pass. tfjs has one tape: the outer one is put aside meanwhile. */
function gradientsApart(f: (...inputs: tf.Tensor[]) => tf.Tensor, inputs: tf.Tensor[], dy: tf.Tensor): tf.Tensor[] {
  const { state } = tf.engine();
  const outer = state.activeTape;
  try {
    // A weight that this run did not touch (an expert without tokens) has no gradient on the tape: it is zero.
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

/** The same nested record with other tensors in their places. */
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
