import * as tf from './tf.js';

/**
 * Operations that tfjs lacks, or whose wrapper reads tensors on the host: one native operation each, with its own gradient,
 * so that a training step stays on the engine and can be recorded. Other engines take tfjs's own route.
 */

interface Attribute {
  name: string;
  type: number;
  value: unknown;
}

interface NativeBackend {
  binding: Record<'TF_ATTR_TYPE' | 'TF_ATTR_BOOL' | 'TF_ATTR_INT' | 'TF_FLOAT' | 'TF_INT32', number> & {
    /** While a function is recorded. */
    tieTogether?(ids: number[]): object[];
  };
  getInputTensorIds(tensors: readonly tf.TensorInfo[]): number[];
  createOutputTensor(metadata: object): tf.Tensor;
  executeSingleOutput(name: string, attributes: Attribute[], inputs: tf.TensorInfo[]): tf.Tensor;
}

function nativeBackend(): NativeBackend | undefined {
  return tf.getBackend() === 'tensorflow' ? (tf.backend() as unknown as NativeBackend) : undefined;
}

const typeAttribute = (native: NativeBackend, name: string, dtype: tf.DataType): Attribute => ({
  name,
  type: native.binding.TF_ATTR_TYPE,
  value: dtype === 'int32' ? native.binding.TF_INT32 : native.binding.TF_FLOAT,
});

/** Without a gradient: the product of two matrices, each transposed or not. tfjs's own is a batched one, which is slower for two axes. */
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

/** `x` [rows, in] times `weight` [out, in], transposed, plus `bias` [out] -> [rows, out]. */
export function affine(x: tf.Tensor2D, weight: tf.Tensor2D, bias?: tf.Tensor1D): tf.Tensor2D {
  const apply = tf.customGrad((...given) => {
    const save = given.pop() as tf.GradSaveFunc;
    const [rows, matrix, shift] = given as tf.Tensor[] as [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D | undefined];
    save([rows, matrix]);
    const moved = product(rows, matrix, false, true);
    return {
      value: shift ? addBias(moved, shift) : moved,
      gradFunc: (dy, saved) => {
        const [rows, matrix] = saved as tf.Tensor2D[];
        const gradient = dy as tf.Tensor2D;
        const both = [product(gradient, matrix, false, false), product(gradient, rows, true, false)];
        return bias ? [...both, tf.sum(gradient, 0)] : both;
      },
    };
  });
  return apply(...(bias ? [x, weight, bias] : [x, weight])) as tf.Tensor2D;
}

/** Without a gradient: `bias` [width] added to every row; in a graph the product before it takes it in. */
function addBias(x: tf.Tensor2D, bias: tf.Tensor1D): tf.Tensor2D {
  const native = nativeBackend();
  if (!native) return tf.add(x, bias);
  return native.executeSingleOutput('BiasAdd', [typeAttribute(native, 'T', x.dtype)], [x, bias]) as tf.Tensor2D;
}

/** Without a gradient: entries of `x` along `axis` at `indices` (int32, any shape). An index outside is an error. */
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

/** Without a gradient: rows of `x` [rows, width] added into `count` rows by `indices` [rows]. */
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

/** Rows of `table` [rows, width] at `indices` [count] int32 -> [count, width]; a row may be taken often, or never. */
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
 * Without a gradient: `x` with a new axis 1, as the second operand of a batched product whose first one has `count` there. The
 * native product broadcasts over an axis of size 1; other engines would take the wrong matrices without a word, and get copies.
 */
export function shareAxis(x: tf.Tensor4D, count: number): tf.Tensor5D {
  const shared: tf.Tensor5D = tf.expandDims(x, 1);
  return count === 1 || nativeBackend() ? shared : tf.tile(shared, [1, count, 1, 1, 1]);
}

/** Without a gradient: Euclidean norms of the last axis, kept as an axis of size 1; one pass and nothing stored between. */
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

/** Without a gradient: dy * y * (1 - y) for y = sigmoid(x), in one pass. */
export function sigmoidGradient(y: tf.Tensor, dy: tf.Tensor): tf.Tensor {
  const native = nativeBackend();
  if (!native) return tf.mul(dy, tf.mul(y, tf.sub(1, y)));
  return native.executeSingleOutput('SigmoidGrad', [typeAttribute(native, 'T', y.dtype)], [y, dy]);
}

/**
 * Uniform numbers in [0, 1) that depend on the seed alone: drawn on the engine, and the seed [2] (int32) is a tensor, so that
 * a recorded step draws new numbers when it is given a new seed.
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
 * Without a gradient: the same tensors, in a recorded graph none before all are known, and not the same values to the optimizer: what is
 * computed from them again is neither merged with the first time nor done early. All of them must be used, or the optimizer takes the
 * knot apart. Outside of a recording they are what they were.
 */
export function tiedTogether(tensors: readonly tf.Tensor[]): tf.Tensor[] {
  const native = nativeBackend();
  if (!native?.binding.tieTogether) return [...tensors];
  return native.binding.tieTogether(native.getInputTensorIds(tensors)).map((output) => native.createOutputTensor(output));
}
