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
  const isReadInHalf = readInHalf({ nodes, outputs });

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

  /** In half precision by the attribute `name`, which a kernel's node does not have yet. */
  const withType = ({ attributes, ...node }: Operation, name: string): Operation => ({
    ...node,
    attributes: [...attributes.filter((each) => each.name !== name), { name, type: TF_ATTR_TYPE, value: BFLOAT16 }],
  });
  const results = (node: Operation, count = node.dtypes.length): Operation => ({
    ...node,
    dtypes: node.dtypes.map((dtype, at) => (dtype === TF_FLOAT && at < count ? BFLOAT16 : dtype)),
  });

  nodes.forEach((node, number) => {
    if (node.kind !== 'operation') {
      values.push([{ isFloat: node.dtype === TF_FLOAT, float: { node: add(node), index: 0 }, shape: node.shape }]);
      return;
    }
    const { op, isHalf, dtypes, shapes } = node;
    const read = node.inputs.map(({ node: from, index }) => values[from][index]);
    const inHalf = (those: readonly Value[]) => those.length > 0 && those.every(({ half, float }) => half && !float);
    const kernel = Object.hasOwn(kernels, op) ? kernels[op] : undefined;
    const moved = Object.hasOwn(moves, op) && inHalf(read.filter(({ isFloat }) => isFloat));
    const type = isHalf ? 'T' : moved ? moves[op] : undefined;
    // Which inputs and results are in half precision, and the node that says so.
    let takes = (_: number) => type !== undefined;
    let gives = takes;
    let typed = type ? results(withType(node, type)) : node;
    if (kernel) {
      const halfInputs = inHalf(kernel.inputs.map((input) => read[input]));
      const halfOutputs = dtypes.every((_, index) => index >= kernel.outputs || isReadInHalf(number, index));
      takes = (input) => halfInputs && kernel.inputs.includes(input);
      gives = (index) => halfOutputs && index < kernel.outputs;
      if (halfInputs) typed = withType(typed, 'T');
      if (halfOutputs) typed = results(withType(typed, 'U'), kernel.outputs);
    }
    const inputs = read.map((value, input) => converted(value, value.isFloat && takes(input) ? 'half' : 'float'));
    const at = add({ ...typed, inputs });
    values.push(
      dtypes.map((dtype, index): Value => {
        const isFloat = dtype === TF_FLOAT;
        return { isFloat, shape: shapes[index], [isFloat && gives(index) ? 'half' : 'float']: { node: at, index } };
      }),
    );
  });
  const given = [...outputs].map(([name, { node, index, dtype }]): [string, Reference & { dtype: number }] => [
    name,
    { ...converted(values[node][index], 'float'), dtype },
  ]);
  return { nodes: written, outputs: new Map(given) };
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
