import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { type Attribute, type Binding, rawBackend } from './native-backend.js';
import type { GraphNode, Recording, Reference } from './recording.js';

/** A recording as a TensorFlow SavedModel without variables (the bytes of `saved_model.pb`), and the names of its inputs and outputs. */
export interface GraphFile {
  bytes: Uint8Array;
  /** SHA-256 of the bytes and the signature. */
  hash: string;
  signature: GraphSignature;
}

export interface GraphSignature {
  inputs: { name: string; node: string; dtype: number; shape: readonly number[] }[];
  outputs: { name: string; node: string }[];
  /** Number of operations, without constants and inputs. */
  operations: number;
}

/** Parts of the generated protobuf classes in tfjs-node. */
interface Message {
  serializeBinary(): Uint8Array;
  [method: string]: unknown;
}
type Make = new () => Message & Record<string, (...values: never[]) => unknown>;

let classes: Record<string, Make> | undefined;
function messages(): Record<string, Make> {
  classes ??= createRequire(import.meta.url)('@tensorflow/tfjs-node-gpu/dist/proto/api_pb.js') as Record<string, Make>;
  return classes;
}

function make(name: string, fields: Record<string, unknown>): Message {
  const [outer, inner] = name.split('.');
  const found = messages()[outer] as Make & Record<string, Make>;
  const message = new (inner ? found[inner] : found)();
  for (const [setter, value] of Object.entries(fields)) message[setter](value as never);
  return message;
}

/**
 * Convert a recording to a SavedModel. Equal constants are written once. Every output gets an Identity node, because it may be an input or
 * be returned twice.
 */
export function writeGraph({ nodes, outputs }: Recording): GraphFile {
  const { binding } = rawBackend();
  const graph = make('GraphDef', { setVersions: make('VersionDef', { setProducer: 1087 }) });
  const add: Add = (name, op, inputs, attributes) => {
    const node = make('NodeDef', { setName: name, setOp: op, setInputList: inputs });
    const map = (node.getAttrMap as () => { set(name: string, value: Message): void })();
    for (const key of Object.keys(attributes).sort()) map.set(key, attributes[key]);
    (graph.addNode as (node: Message) => void)(node);
  };
  const names = nodes.map((_, at) => `n${at}`);
  const written = new Map<string, string>();
  const inputs: GraphSignature['inputs'] = [];
  let operations = 0;
  nodes.forEach((node, at) => {
    const name = names[at];
    if (node.kind === 'input') {
      const { dtype, shape } = node;
      add(name, 'Placeholder', [], { dtype: typeValue(dtype), shape: shapeValue(shape) });
      inputs.push({ name: node.name, node: name, dtype, shape });
    } else if (node.kind === 'constant') {
      const key = constantKey(node);
      const known = written.get(key);
      if (known) names[at] = known;
      else {
        written.set(key, name);
        addConstant(add, name, node, binding);
      }
    } else {
      operations++;
      const attributes = Object.fromEntries(node.attributes.map((each) => [each.name, attributeValue(each, binding)]));
      const from = node.inputs.map((each) => edge(names, each));
      add(name, node.op, from, attributes);
    }
  });
  const read = [...outputs].map(([name, from], at) => {
    const node = `out${at}`;
    add(node, 'Identity', [edge(names, from)], { T: typeValue(from.dtype) });
    return { name, node };
  });
  const meta = make('MetaGraphDef.MetaInfoDef', { setTagsList: ['serve'] });
  const metaGraph = make('MetaGraphDef', { setMetaInfoDef: meta, setGraphDef: graph });
  const bytes = make('SavedModel', { setSavedModelSchemaVersion: 1, setMetaGraphsList: [metaGraph] }).serializeBinary();
  const signature = { inputs, outputs: read, operations };
  return { bytes, hash: graphHash(bytes, JSON.stringify(signature)), signature };
}

const edge = (names: readonly string[], { node, index }: Reference) =>
  index ? `${names[node]}:${index}` : names[node];

function constantKey({ dtype, shape, values }: Extract<GraphNode, { kind: 'constant' }>): string {
  return `${dtype} [${shape}] ${values.length > 4096 ? hashOf(values) : values}`;
}

/** SHA-256 of a graph and its signature: equal graphs with other names of inputs and outputs are different files. */
export function graphHash(bytes: Uint8Array, signature: string | Uint8Array): string {
  return createHash('sha256').update(bytes).update(signature).digest('hex');
}

function hashOf(values: readonly number[]): string {
  return createHash('sha256')
    .update(Buffer.from(Float64Array.from(values).buffer))
    .digest('hex');
}

type Add = (name: string, op: string, inputs: string[], attributes: Record<string, Message>) => void;

function addConstant(
  add: Add,
  name: string,
  { dtype, shape, values }: Extract<GraphNode, { kind: 'constant' }>,
  binding: Binding,
): void {
  const constant = (at: string, type: number, sizes: readonly number[], numbers: readonly number[]) => {
    const value = tensorValue(type, sizes, numbers, binding);
    add(at, 'Const', [], { dtype: typeValue(type), value });
  };
  const count = shape.reduce((product, size) => product * size, 1);
  if (values.length === count) {
    constant(name, dtype, shape, values);
    return;
  }
  constant(`${name}_shape`, binding.TF_INT32, [shape.length], shape);
  constant(`${name}_value`, dtype, [], values);
  add(name, 'Fill', [`${name}_shape`, `${name}_value`], {
    T: typeValue(dtype),
    index_type: typeValue(binding.TF_INT32),
  });
}

const typeValue = (dtype: number) => make('AttrValue', { setType: dtype });

function shapeMessage(shape: readonly number[]): Message {
  return make('TensorShape', { setDimList: shape.map((size) => make('TensorShape.Dim', { setSize: size })) });
}

const shapeValue = (shape: readonly number[]) => make('AttrValue', { setShape: shapeMessage(shape) });

function tensorValue(dtype: number, shape: readonly number[], values: ArrayLike<number>, binding: Binding): Message {
  const array =
    dtype === binding.TF_FLOAT
      ? Float32Array.from(values)
      : dtype === binding.TF_INT32
        ? Int32Array.from(values)
        : Uint8Array.from(values);
  const content = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  const fields = { setDtype: dtype, setTensorShape: shapeMessage(shape), setTensorContent: content };
  return make('AttrValue', { setTensor: make('Tensor', fields) });
}

function attributeValue({ name, type, value }: Attribute, binding: Binding): Message {
  const text = (each: unknown) => Buffer.from(String(each)).toString('base64');
  if (Array.isArray(value) && type !== binding.TF_ATTR_SHAPE) {
    const list = {
      [binding.TF_ATTR_INT]: { setIList: value },
      [binding.TF_ATTR_FLOAT]: { setFList: value },
      [binding.TF_ATTR_BOOL]: { setBList: value },
      [binding.TF_ATTR_TYPE]: { setTypeList: value },
      [binding.TF_ATTR_STRING]: { setSList: value.map(text) },
    }[type];
    if (!list) throw new Error(`attribute ${name} of type ${type} has no list form`);
    return make('AttrValue', { setList: make('AttrValue.ListValue', list) });
  }
  if (type === binding.TF_ATTR_SHAPE) return shapeValue(value as number[]);
  const setter = {
    [binding.TF_ATTR_INT]: 'setI',
    [binding.TF_ATTR_FLOAT]: 'setF',
    [binding.TF_ATTR_BOOL]: 'setB',
    [binding.TF_ATTR_TYPE]: 'setType',
    [binding.TF_ATTR_STRING]: 'setS',
  }[type];
  if (!setter) throw new Error(`attribute ${name} has the unknown type ${type}`);
  return make('AttrValue', { [setter]: type === binding.TF_ATTR_STRING ? text(value) : value });
}
