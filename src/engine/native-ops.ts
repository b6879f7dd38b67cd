import { inHalf } from './half-products.js';
import * as tf from './tf.js';

/**
 * Operations that tfjs lacks, or whose tfjs wrapper reads tensors on the host. Each is one native operation with a custom gradient, so that
 * a training step stays on the engine and can be recorded. Other engines fall back to tfjs.
 */

interface Attribute {
  name: string;
  type: number;
  value: unknown;
}

interface NativeBackend {
  binding: Record<'TF_ATTR_TYPE' | 'TF_ATTR_BOOL' | 'TF_ATTR_INT' | 'TF_FLOAT' | 'TF_INT32', number> & {
    /** Set while a function is recorded. */
    isRecording?: true;
  };
  getInputTensorIds(tensors: readonly tf.TensorInfo[]): number[];
  createOutputTensor(metadata: object): tf.Tensor;
  executeSingleOutput(name: string, attributes: Attribute[], inputs: tf.TensorInfo[]): tf.Tensor;
}

/** The native engine's backend; undefined on other engines. */
export function nativeBackend(): NativeBackend | undefined {
  return tf.getBackend() === 'tensorflow' ? (tf.backend() as unknown as NativeBackend) : undefined;
}

export const typeAttribute = (native: NativeBackend, name: string, dtype: tf.DataType): Attribute => ({
  name,
  type: native.binding.TF_ATTR_TYPE,
  value: dtype === 'int32' ? native.binding.TF_INT32 : native.binding.TF_FLOAT,
});

/** Product of two matrices, each optionally transposed; no gradient. tfjs uses a batched product, which is slower for two axes. */
function product(a: tf.Tensor2D, b: tf.Tensor2D, transposeA: boolean, transposeB: boolean): tf.Tensor2D {
  const native = nativeBackend();
  if (!native) return tf.matMul(a, b, transposeA, transposeB);
  const flag = (name: string, value: boolean) => ({ name, type: native.binding.TF_ATTR_BOOL, value });
  const attributes = [
    flag('transpose_a', transposeA),
    flag('transpose_b', transposeB),
    typeAttribute(native, 'T', a.dtype),
  ];
  return native.executeSingleOutput('MatMul', attributes, [a, b]) as tf.Tensor2D;
}

/**
 * `x` [rows, in] times `weight` [out, in] transposed, plus `bias` [out] -> [rows, out].
 * @param precision `half` where graphs may compute the product and its gradients in bfloat16 (`inHalf`); default
 */
export function affine(
  x: tf.Tensor2D,
  weight: tf.Tensor2D,
  bias?: tf.Tensor1D,
  precision: 'half' | 'float32' = 'half',
): tf.Tensor2D {
  const multiplied: typeof product = (...given) =>
    precision === 'half' ? inHalf(() => product(...given)) : product(...given);
  const apply = tf.customGrad((...given) => {
    const save = given.pop() as tf.GradSaveFunc;
    const [rows, matrix, shift] = given as tf.Tensor[] as [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D | undefined];
    save([rows, matrix]);
    const moved = multiplied(rows, matrix, false, true);
    return {
      value: shift ? addBias(moved, shift) : moved,
      gradFunc: (dy, saved) => {
        const [rows, matrix] = saved as tf.Tensor2D[];
        const gradient = dy as tf.Tensor2D;
        const both = [multiplied(gradient, matrix, false, false), multiplied(gradient, rows, true, false)];
        return bias ? [...both, tf.sum(gradient, 0)] : both;
      },
    };
  });
  return apply(...(bias ? [x, weight, bias] : [x, weight])) as tf.Tensor2D;
}

/** `x` [blocks, rows, in] times the matrix of each block [blocks, out, in], transposed -> [blocks, rows, out]. Graphs may use bfloat16 (`inHalf`). */
export function blockProducts(x: tf.Tensor3D, matrices: tf.Tensor3D): tf.Tensor3D {
  const multiply = tf.customGrad((...given) => {
    const save = given.pop() as tf.GradSaveFunc;
    const [rows, each] = given as tf.Tensor[] as [tf.Tensor3D, tf.Tensor3D];
    save([rows, each]);
    return {
      value: inHalf(() => tf.matMul(rows, each, false, true)),
      gradFunc: (dy, saved) => {
        const [rows, each] = saved as tf.Tensor3D[];
        return inHalf(() => [tf.matMul(dy as tf.Tensor3D, each), tf.matMul(dy as tf.Tensor3D, rows, true, false)]);
      },
    };
  });
  return multiply(x, matrices) as tf.Tensor3D;
}

/** Add `bias` [width] to every row; no gradient. Graphs fuse it with the preceding product. */
function addBias(x: tf.Tensor2D, bias: tf.Tensor1D): tf.Tensor2D {
  const native = nativeBackend();
  if (!native) return tf.add(x, bias);
  return native.executeSingleOutput('BiasAdd', [typeAttribute(native, 'T', x.dtype)], [x, bias]) as tf.Tensor2D;
}

/** Gather entries of `x` along `axis` at `indices` (int32, any shape); no gradient. An index out of range is an error. */
function gather(x: tf.Tensor, indices: tf.Tensor, axis: number): tf.Tensor {
  const native = nativeBackend();
  if (!native) return tf.gather(x, indices as tf.Tensor1D, axis);
  return native.executeSingleOutput(
    'GatherV2',
    [
      { name: 'batch_dims', type: native.binding.TF_ATTR_INT, value: 0 },
      typeAttribute(native, 'Tparams', x.dtype),
      typeAttribute(native, 'Tindices', 'int32'),
      typeAttribute(native, 'Taxis', 'int32'),
    ],
    [x, indices, tf.scalar(axis, 'int32')],
  );
}

/** Sum rows of `x` [rows, width] into `count` rows by `indices` [rows]; no gradient. */
function sumByIndex(x: tf.Tensor2D, indices: tf.Tensor1D, count: number): tf.Tensor2D {
  const native = nativeBackend();
  if (!native) return tf.scatterND(tf.expandDims(indices, 1), x, [count, x.shape[1]]);
  return native.executeSingleOutput(
    'UnsortedSegmentSum',
    [
      typeAttribute(native, 'T', x.dtype),
      typeAttribute(native, 'Tindices', 'int32'),
      typeAttribute(native, 'Tnumsegments', 'int32'),
    ],
    [x, indices, tf.scalar(count, 'int32')],
  ) as tf.Tensor2D;
}

/** Gather rows of `table` [rows, width] at `indices` [count] (int32) -> [count, width]. A row may be taken several times or never. */
export function gatherRows(table: tf.Tensor2D, indices: tf.Tensor1D): tf.Tensor2D {
  const take = tf.customGrad((rows, save) => {
    const source = rows as tf.Tensor2D;
    (save as tf.GradSaveFunc)([indices]);
    return {
      value: gather(source, indices, 0),
      gradFunc: (dy, saved) => sumByIndex(dy as tf.Tensor2D, saved[0] as tf.Tensor1D, source.shape[0]),
    };
  });
  return take(table) as tf.Tensor2D;
}

/** Reorder axis 1 of `x` [batch, count, width] by a permutation and its inverse (both int32 [count]). */
export function permute(x: tf.Tensor3D, order: tf.Tensor1D, inverse: tf.Tensor1D): tf.Tensor3D {
  const move = tf.customGrad((items, save) => {
    (save as tf.GradSaveFunc)([inverse]);
    return {
      value: gather(items as tf.Tensor3D, order, 1),
      gradFunc: (dy, saved) => gather(dy, saved[0], 1),
    };
  });
  return move(x) as tf.Tensor3D;
}

/**
 * Insert axis 1 into `x`, so that a batched product broadcasts it over the `count` entries of its first operand; no gradient. The native
 * product broadcasts an axis of size 1. Other engines would silently use the wrong matrices, so they get copies.
 */
export function broadcastAxis(x: tf.Tensor4D, count: number): tf.Tensor5D {
  const shared: tf.Tensor5D = tf.expandDims(x, 1);
  return count === 1 || nativeBackend() ? shared : tf.tile(shared, [1, count, 1, 1, 1]);
}

/** Euclidean norms over the last axis, kept as an axis of size 1; no gradient. One pass, without intermediate tensors. */
export function norms(x: tf.Tensor): tf.Tensor {
  const native = nativeBackend();
  if (!native) return tf.sqrt(tf.sum(tf.square(x), -1, true));
  return native.executeSingleOutput(
    'EuclideanNorm',
    [
      { name: 'keep_dims', type: native.binding.TF_ATTR_BOOL, value: true },
      typeAttribute(native, 'T', x.dtype),
      typeAttribute(native, 'Tidx', 'int32'),
    ],
    [x, tf.tensor1d([x.rank - 1], 'int32')],
  );
}

/** dy * y * (1 - y) for y = sigmoid(x) in one pass; no gradient. */
export function sigmoidGradient(y: tf.Tensor, dy: tf.Tensor): tf.Tensor {
  const native = nativeBackend();
  if (!native) return tf.mul(dy, tf.mul(y, tf.sub(1, y)));
  return native.executeSingleOutput('SigmoidGrad', [typeAttribute(native, 'T', y.dtype)], [y, dy]);
}

/**
 * Uniform random numbers in [0, 1) that depend only on the seed. The seed [2] (int32) is a tensor, so a recorded step draws new numbers
 * when it gets a new seed.
 */
export function statelessUniform(shape: number[], seed: tf.Tensor1D): tf.Tensor {
  const native = nativeBackend();
  if (!native) {
    const [high, low] = seed.dataSync();
    return tf.randomUniform(shape, 0, 1, 'float32', `${high}/${low}`);
  }
  return native.executeSingleOutput(
    'StatelessRandomUniform',
    [
      typeAttribute(native, 'dtype', 'float32'),
      typeAttribute(native, 'T', 'int32'),
      typeAttribute(native, 'Tseed', 'int32'),
    ],
    [tf.tensor1d(shape, 'int32'), seed],
  );
}

/**
 * The same values as `x`, in a recorded graph not before `signal` is computed; no gradient. The graph optimizer takes the result for new
 * values: what is computed again from it is neither merged with the first computation nor started early. Without a recording it is `x`.
 */
export function waitFor<T extends tf.Tensor>(x: T, signal: tf.Tensor): T {
  const native = nativeBackend();
  if (!native?.binding.isRecording) return x;
  return tf.tidy(() => {
    // A choice between equal tensors by a number of the signal: the optimizer removes plain barriers (IdentityN).
    const first = tf.reshape(tf.slice(tf.reshape(signal, [-1]), 0, 1), []);
    const either = tf.greater(first, 0);
    return native.executeSingleOutput('SelectV2', [typeAttribute(native, 'T', x.dtype)], [either, x, x]) as T;
  });
}
