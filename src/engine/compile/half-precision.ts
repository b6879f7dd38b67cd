import { type Binding, rawBackend } from './native-backend.js';
import type { GraphNode, Recording, Reference } from './recording.js';

/** TensorFlow's number of the type, which tfjs does not know. */
export const BFLOAT16 = 14;

/** Operations that move numbers and compute none, with the attribute that holds their type. */
const moves: Record<string, string> = {
  ConcatV2: 'T',
  ExpandDims: 'T',
  GatherV2: 'Tparams',
  Identity: 'T',
  Pack: 'T',
  Reshape: 'T',
  Slice: 'T',
  SplitV: 'T',
  Squeeze: 'T',
  Tile: 'T',
  Transpose: 'T',
  Unpack: 'T',
};

/**
 * Own kernels that read and write either type (`setup/kernels.cc`): the inputs of the type T, and how many of their results, from the first on, are of
 * the type U. They compute in float32 all the same.
 */
const kernels: Record<string, { inputs: readonly number[]; outputs: number }> = {
  MoonRmsNorm: { inputs: [], outputs: 1 },
  MoonRotate: { inputs: [0], outputs: 1 },
  MoonSoftmax: { inputs: [0], outputs: 1 },
  MoonSoftmaxGradient: { inputs: [0], outputs: 1 },
  MoonSwiglu: { inputs: [0, 1], outputs: 1 },
  MoonSwigluGradient: { inputs: [0, 1, 2], outputs: 2 },
};

type Operation = Extract<GraphNode, { kind: 'operation' }>;

/** A number of the graph in the types in which it is there. */
interface Value {
  isFloat: boolean;
  float?: Reference;
  half?: Reference;
  shape: readonly number[];
}

/** The same graph in the precision that is asked for. */
export const inPrecision = (recording: Recording, precision: 'float32' | 'bfloat16' = 'float32'): Recording =>
  precision === 'bfloat16' ? inHalfPrecision(recording, rawBackend().binding) : recording;

/**
 * The same graph with its marked products (`inHalf`) in bfloat16, and what moves their results. Everything else stays in float32: the sums inside of
 * products, additions, norms, softmax, losses, weights and their update. A number is converted once for each type in which it is read; own kernels
 * convert what they read of products and give to products alone, with the same bits.
 */
export function inHalfPrecision(
  { nodes, outputs }: Recording,
  { TF_FLOAT, TF_ATTR_TYPE, TF_ATTR_BOOL }: Binding,
): Recording {
  const written: GraphNode[] = [];
  const values: Value[][] = [];
  const add = (node: GraphNode) => written.push(node) - 1;

  const converted = (value: Value, to: 'float' | 'half'): Reference => {
    const found = value[to];
    if (found) return found;
    const [from, dtype] = to === 'half' ? [TF_FLOAT, BFLOAT16] : [BFLOAT16, TF_FLOAT];
    const attributes = [
      { name: 'SrcT', type: TF_ATTR_TYPE, value: from },
      { name: 'DstT', type: TF_ATTR_TYPE, value: dtype },
      { name: 'Truncate', type: TF_ATTR_BOOL, value: false },
    ];
    const inputs = [value[to === 'half' ? 'float' : 'half']!];
    const results = { dtypes: [dtype], shapes: [value.shape] };
    const reference = { node: add({ kind: 'operation', op: 'Cast', attributes, inputs, ...results }), index: 0 };
    value[to] = reference;
    return reference;
  };

  const planOf = openPlans({ nodes, outputs }, { TF_FLOAT, TF_ATTR_TYPE });
  nodes.forEach((node, number) => {
    if (node.kind !== 'operation') {
      values.push([{ isFloat: node.dtype === TF_FLOAT, float: { node: add(node), index: 0 }, shape: node.shape }]);
      return;
    }
    const read = node.inputs.map(({ node: from, index }) => values[from][index]);
    const { typed, takes, gives } = planOf(node, number, read);
    const inputs = read.map((value, input) => converted(value, value.isFloat && takes(input) ? 'half' : 'float'));
    const at = add({ ...typed, inputs });
    values.push(
      node.dtypes.map((dtype, index): Value => {
        const isFloat = dtype === TF_FLOAT;
        const type = isFloat && gives(index) ? 'half' : 'float';
        return { isFloat, shape: node.shapes[index], [type]: { node: at, index } };
      }),
    );
  });
  const given = [...outputs].map(([name, { node, index, dtype }]): [string, Reference & { dtype: number }] => [
    name,
    { ...converted(values[node][index], 'float'), dtype },
  ]);
  return { nodes: written, outputs: new Map(given) };
}

/** An operation of the new graph, and which of its float inputs and results are in half precision. */
interface Plan {
  typed: Operation;
  takes(input: number): boolean;
  gives(result: number): boolean;
}

/** @returns the plan of an operation, by its number in the recording and the values that it reads */
function openPlans(
  recording: Recording,
  { TF_FLOAT, TF_ATTR_TYPE }: Pick<Binding, 'TF_FLOAT' | 'TF_ATTR_TYPE'>,
): (node: Operation, number: number, read: readonly Value[]) => Plan {
  const isReadInHalf = readInHalf(recording);
  const areInHalf = (those: readonly Value[]) => those.length > 0 && those.every(({ half, float }) => half && !float);
  /** In half precision by an attribute, which a kernel's node does not have yet. */
  const withType = ({ attributes, ...node }: Operation, name: string): Operation => ({
    ...node,
    attributes: [...attributes.filter((each) => each.name !== name), { name, type: TF_ATTR_TYPE, value: BFLOAT16 }],
  });
  const withResults = (node: Operation, count: number): Operation => ({
    ...node,
    dtypes: node.dtypes.map((dtype, at) => (dtype === TF_FLOAT && at < count ? BFLOAT16 : dtype)),
  });
  return (node, number, read) => {
    const { op, isHalf, dtypes } = node;
    if (Object.hasOwn(kernels, op)) {
      const { inputs, outputs } = kernels[op];
      const takes = areInHalf(inputs.map((input) => read[input]));
      const gives = Array.from({ length: outputs }, (_, result) => result).every((each) => isReadInHalf(number, each));
      const typed = takes ? withType(node, 'T') : node;
      return {
        typed: gives ? withResults(withType(typed, 'U'), outputs) : typed,
        takes: (input) => takes && inputs.includes(input),
        gives: (result) => gives && result < outputs,
      };
    }
    const isMoved = Object.hasOwn(moves, op) && areInHalf(read.filter(({ isFloat }) => isFloat));
    const type = isHalf ? 'T' : isMoved ? moves[op] : undefined;
    const all = () => type !== undefined;
    return { typed: type ? withResults(withType(node, type), dtypes.length) : node, takes: all, gives: all };
  };
}

/** Whether products alone read a result, by the number of its node, perhaps after it was moved. */
function readInHalf({ nodes, outputs }: Recording): (node: number, index: number) => boolean {
  const key = (node: number, index: number) => `${node}:${index}`;
  /** Of each result that is read, whether all that read it do so in half precision. */
  const found = new Map<string, boolean>();
  for (const { node, index } of outputs.values()) found.set(key(node, index), false);
  for (let at = nodes.length - 1; at >= 0; at--) {
    const node = nodes[at];
    if (node.kind !== 'operation') continue;
    const moved = Object.hasOwn(moves, node.op) && node.dtypes.every((_, index) => found.get(key(at, index)) !== false);
    for (const { node: from, index } of node.inputs) {
      const known = found.get(key(from, index)) ?? true;
      found.set(key(from, index), known && (node.isHalf === true || moved));
    }
  }
  return (node, index) => found.get(key(node, index)) === true;
}
