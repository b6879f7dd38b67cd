import * as tf from '../tf.js';
import type { Attribute, Binding, OutputMetadata } from './native-backend.js';

/** Numbers from which a tensor counts as large, 1 MB: what decides indices, by expert or by place, stays below in any usual batch. */
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

/** Of the single result, for operations whose inputs' shapes alone decide it; undefined for every other. */
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
 * In place of an operation's large result, where shapes alone decide what it is: a float32 tensor whose memory nobody has written, and
 * which takes none until somebody does. Undefined where the operation has to run.
 * @param shapes of the operation's inputs, all of them float32
 */
export function unwrittenResult(
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
