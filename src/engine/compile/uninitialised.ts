import * as tf from '../tf.js';
import type { Attribute, Binding, OutputMetadata } from './native-backend.js';

/**
 * Smallest number of values of a large tensor (1 MB). Tensors that decide indices, per expert or per position, are smaller in any usual
 * batch.
 */
const LARGE = 2 ** 18;

const likeFirst = new Set([
  'BiasAdd',
  'Erf',
  'Exp',
  'Log',
  'Neg',
  'Rsqrt',
  'Sigmoid',
  'SigmoidGrad',
  'Softmax',
  'Sqrt',
  'Square',
  'Tanh',
]);
const broadcast = new Set(['Add', 'AddV2', 'Maximum', 'Minimum', 'Mul', 'RealDiv', 'SquaredDifference', 'Sub']);
const product: Record<string, [left: string, right: string]> = {
  BatchMatMulV2: ['adj_x', 'adj_y'],
  MatMul: ['transpose_a', 'transpose_b'],
};

/** Shape of the result, for operations with one result whose shape depends only on the input shapes; undefined for all others. */
function resultShape(op: string, attributes: readonly Attribute[], shapes: number[][]): number[] | undefined {
  const [a, b] = shapes;
  if (likeFirst.has(op)) return a;
  if (broadcast.has(op)) return tf.broadcast_util.assertAndGetBroadcastShape(a, b);
  if (!Object.hasOwn(product, op)) return undefined;
  const [left, right] = product[op].map((name) => attributes.some((each) => each.name === name && each.value));
  const groups = tf.broadcast_util.assertAndGetBroadcastShape(a.slice(0, -2), b.slice(0, -2));
  return [...groups, a[a.length - (left ? 1 : 2)], b[b.length - (right ? 2 : 1)]];
}

/**
 * An uninitialised float32 tensor in place of an operation's large result; it takes no memory until it is written. Undefined if the
 * operation has to run.
 * @param shapes of the operation's inputs, all of them float32
 */
export function uninitialisedResult(
  binding: Binding,
  op: string,
  attributes: readonly Attribute[],
  shapes: number[][],
): OutputMetadata[] | undefined {
  const shape = resultShape(op, attributes, shapes);
  if (!shape || shape.reduce((product, size) => product * size, 1) < LARGE) return undefined;
  const sizes = binding.createTensor([shape.length], binding.TF_INT32, Int32Array.from(shape));
  const described = [
    { name: 'dtype', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
    { name: 'init', type: binding.TF_ATTR_BOOL, value: false },
  ];
  const outputs = binding.executeOp('Empty', described, [sizes], 1);
  binding.deleteTensor(sizes);
  return outputs;
}
