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
 * products, additions, norms, softmax, losses, weights and their update. A number is converted once for each type in which it is read.
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

  const withType = ({ attributes, ...node }: Operation, name: string): Operation => ({
    ...node,
    dtypes: node.dtypes.map((dtype) => (dtype === TF_FLOAT ? BFLOAT16 : dtype)),
    attributes: attributes.map((each) => (each.name === name ? { ...each, value: BFLOAT16 } : each)),
  });

  nodes.forEach((node) => {
    if (node.kind !== 'operation') {
      values.push([{ isFloat: node.dtype === TF_FLOAT, float: { node: add(node), index: 0 }, shape: node.shape }]);
      return;
    }
    const { op, isHalf, dtypes, shapes } = node;
    const read = node.inputs.map(({ node: from, index }) => values[from][index]);
    const floats = read.filter(({ isFloat }) => isFloat);
    const moved = Object.hasOwn(moves, op) && floats.length > 0 && floats.every(({ half, float }) => half && !float);
    const type = isHalf ? 'T' : moved ? moves[op] : undefined;
    const inputs = read.map((value) => converted(value, type && value.isFloat ? 'half' : 'float'));
    const at = add({ ...(type ? withType(node, type) : node), inputs });
    values.push(
      dtypes.map((dtype, index): Value => {
        const isFloat = dtype === TF_FLOAT;
        return { isFloat, shape: shapes[index], [type && isFloat ? 'half' : 'float']: { node: at, index } };
      }),
    );
  });
  const given = [...outputs].map(([name, { node, index, dtype }]): [string, Reference & { dtype: number }] => [
    name,
    { ...converted(values[node][index], 'float'), dtype },
  ]);
  return { nodes: written, outputs: new Map(given) };
}
