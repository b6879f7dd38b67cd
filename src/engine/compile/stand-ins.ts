import * as tf from '../tf.js';
import type { Attribute, Binding, OutputMetadata } from './native-backend.js';

/**
 * Smallest number of values of a large tensor (256 kB). Tensors that decide indices, per expert or per position, are smaller in any usual
 * batch.
 */
export const LARGE = 2 ** 16;

/** Of own kernels with several results: whose shapes they have. */
const likeSome: Record<string, (shapes: number[][]) => number[][]> = {
  MoonAdamW: ([weights]) => [weights, weights, weights],
  MoonRmsNorm: ([x]) => [x, [...x.slice(0, -1), 1]],
  MoonRmsNormGradient: ([, x, , gain]) => [x, gain],
  MoonSwigluGradient: ([, gate]) => [gate, gate],
};

const likeFirst = new Set([
  'BiasAdd',
  'Erf',
  'Exp',
  'Log',
  'MoonRotate',
  'MoonSoftmax',
  'MoonSoftmaxGradient',
  'MoonSwiglu',
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
/** Matrix products, with their attributes for transposed operands. */
export const products: Record<string, [left: string, right: string]> = {
  BatchMatMulV2: ['adj_x', 'adj_y'],
  MatMul: ['transpose_a', 'transpose_b'],
};

/** What is known of an operation's input while it is recorded. */
interface Operand {
  isFloat: boolean;
  shape: number[];
  /** The values of a constant. */
  constant?: readonly number[];
}

/** Shapes of the results, for operations whose results are float32 and of shapes that are known here; undefined for all others. */
function resultShapes(
  op: string,
  attributes: readonly Attribute[],
  operands: readonly Operand[],
): number[][] | undefined {
  const shapes = operands.map(({ shape }) => shape);
  const [a, b] = shapes;
  const isSet = (name: string) => attributes.some((each) => each.name === name && each.value);
  if (operands.every(({ isFloat }) => isFloat)) {
    if (likeFirst.has(op)) return [a];
    if (Object.hasOwn(likeSome, op)) return likeSome[op](shapes);
    if (broadcast.has(op)) return [tf.broadcast_util.assertAndGetBroadcastShape(a, b)];
    if (!Object.hasOwn(products, op)) return undefined;
    const [left, right] = products[op].map(isSet);
    const groups = tf.broadcast_util.assertAndGetBroadcastShape(a.slice(0, -2), b.slice(0, -2));
    return [[...groups, a[a.length - (left ? 1 : 2)], b[b.length - (right ? 2 : 1)]]];
  }
  if (op === 'ConcatV2') {
    const [axis] = operands.at(-1)!.constant ?? [];
    const parts = operands.slice(0, -1);
    if (axis === undefined || parts.some(({ isFloat }) => !isFloat)) return undefined;
    const joined = parts.reduce((sum, { shape }) => sum + shape.at(axis)!, 0);
    return [a.map((side, at) => (at === (axis < 0 ? axis + a.length : axis) ? joined : side))];
  }
  if (op === 'SelectV2' && operands[1].isFloat)
    return [shapes.reduce((all, shape) => tf.broadcast_util.assertAndGetBroadcastShape(all, shape))];
  if (!operands[0]?.isFloat) return undefined;
  if (op === 'GatherV2') {
    const [axis] = operands[2].constant ?? [];
    return axis === undefined ? undefined : [[...a.slice(0, axis), ...b, ...a.slice(axis + 1)]];
  }
  if (op === 'SplitV') {
    const [sizes, [axis]] = [operands[1].constant, operands[2].constant ?? []];
    return sizes?.map((size) => a.map((side, at) => (at === (axis < 0 ? axis + a.length : axis) ? size : side)));
  }
  const given = operands[1]?.constant;
  if (!given) return undefined;
  if (op === 'Transpose') return [given.map((from) => a[from])];
  if (op === 'Tile') return [a.map((side, at) => side * given[at])];
  return undefined;
}

/**
 * Stands in for large results while a function is recorded: float32 tensors whose numbers are never read. Those of one shape share their
 * memory, so that all of them together take little.
 */
export class StandIns {
  private readonly ids = new Map<string, number>();

  constructor(private readonly binding: Binding) {}

  /** Tensors in place of an operation's results; undefined if the operation has to run. */
  for(op: string, attributes: readonly Attribute[], operands: readonly Operand[]): OutputMetadata[] | undefined {
    const shapes = resultShapes(op, attributes, operands);
    const sizes = shapes?.map((shape) => shape.reduce((product, size) => product * size, 1)) ?? [];
    if (!shapes || sizes.reduce((sum, size) => sum + size, 0) < LARGE) return undefined;
    const type = { name: 'T', type: this.binding.TF_ATTR_TYPE, value: this.binding.TF_FLOAT };
    return shapes.flatMap((shape) => this.binding.executeOp('Identity', [type], [this.shared(shape)], 1));
  }

  dispose(): void {
    for (const id of this.ids.values()) this.binding.deleteTensor(id);
  }

  /** The uninitialised tensor of a shape. */
  private shared(shape: number[]): number {
    const found = this.ids.get(shape.join());
    if (found !== undefined) return found;
    const { binding } = this;
    const sides = binding.createTensor([shape.length], binding.TF_INT32, Int32Array.from(shape));
    const described = [
      { name: 'dtype', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
      { name: 'init', type: binding.TF_ATTR_BOOL, value: false },
    ];
    const [{ id }] = binding.executeOp('Empty', described, [sides], 1);
    binding.deleteTensor(sides);
    this.ids.set(shape.join(), id);
    return id;
  }
}
