import { UserError } from '../../checks/error.js';
import { halfProducts } from '../half-products.js';
import * as tf from '../tf.js';
import { type Attribute, type Binding, type NativeBackend, type OutputMetadata, rawBackend } from './native-backend.js';
import { products, StandIns } from './stand-ins.js';

/** Output `index` of node `node`. */
export interface Reference {
  node: number;
  index: number;
}

/** A node of the graph: an input, a constant or an operation. */
export type GraphNode =
  | { kind: 'input'; name: string; dtype: number; shape: readonly number[] }
  | {
      kind: 'constant';
      dtype: number;
      shape: readonly number[];
      /** All values, or a single one if many values are equal: gradients of sums create ones of the full shape. */
      values: readonly number[];
    }
  | {
      kind: 'operation';
      op: string;
      attributes: readonly Attribute[];
      inputs: readonly Reference[];
      /** Types and shapes of its results. */
      dtypes: readonly number[];
      shapes: readonly (readonly number[])[];
      /** A product that may be computed in bfloat16 (`inHalf`). */
      isHalf?: boolean;
    };

/** A recorded function as a graph. Nodes come before those that use them. */
export interface Recording {
  nodes: GraphNode[];
  outputs: Map<string, Reference & { dtype: number }>;
}

/**
 * Run `fn` on copies of `inputs` and record its operations as a graph. Everything that tfjs-node does passes through its binding's
 * `executeOp` and `createTensor`, so wrapping these two sees every operation. What `fn` computed is freed.
 *
 * `fn` cannot read the numbers, so large results of the most common operations are not computed, which saves time and memory. `computes`
 * turns this off.
 * @throws UserError when `fn` reads a tensor on the host or uses a tensor that is not one of its inputs
 */
export function record(
  name: string,
  inputs: Readonly<Record<string, tf.Tensor>>,
  fn: (inputs: Record<string, tf.Tensor>) => Record<string, tf.Tensor>,
  computes = false,
): Recording {
  const backend = rawBackend();
  const listener = new Listener(name, backend, computes);
  // Two inputs that share their data would have one id, so record copies.
  const copies = Object.fromEntries(Object.entries(inputs).map(([key, tensor]) => [key, copyOf(backend, tensor)]));
  for (const [key, tensor] of Object.entries(copies)) listener.addInput(key, tensor);
  const original = backend.binding;
  let results: Record<string, tf.Tensor> = {};
  try {
    backend.binding = listener.binding(original);
    results = tf.tidy(() => fn(copies));
    for (const [key, tensor] of Object.entries(results)) listener.addOutput(key, tensor);
  } finally {
    backend.binding = original;
    listener.dispose();
    // `fn` may have called tf.keep on its results.
    for (const tensor of Object.values(results)) if (!tensor.isDisposed) tensor.dispose();
    tf.dispose(copies);
  }
  return { nodes: listener.nodes, outputs: listener.outputs };
}

/** The same values under a new tensor id. */
function copyOf(backend: NativeBackend, tensor: tf.Tensor): tf.Tensor {
  const type = { name: 'T', type: backend.binding.TF_ATTR_TYPE, value: backend.getDTypeInteger(tensor.dtype) };
  return backend.executeSingleOutput('Identity', [type], [tensor]);
}

/** Constants with more values than this are stored as one number if all values are equal. */
const MAX_EQUAL_VALUES = 64;

/** A copy, because the caller may write into its array later. */
function keep(values: ArrayLike<number>): number[] {
  const alike = values.length > MAX_EQUAL_VALUES && Array.prototype.every.call(values, (value) => value === values[0]);
  return alike ? [values[0]] : Array.from(values);
}

/** Type attributes that tfjs-node omits, in the order of the inputs. Eager operations infer them; graphs do not. */
const omittedTypes: Record<string, string[]> = { ExpandDims: ['T', 'Tdim'] };

type Value = Omit<OutputMetadata, 'shape'> & { shape: readonly number[] };

class Listener {
  readonly nodes: GraphNode[] = [];
  readonly outputs: Recording['outputs'] = new Map();
  /** By the binding's tensor id. */
  private readonly known = new Map<number, Reference>();
  private readonly dtypes = new Map<number, number>();
  private readonly shapes = new Map<number, readonly number[]>();
  private readonly standIns: StandIns;

  constructor(
    private readonly name: string,
    private readonly backend: NativeBackend,
    private readonly computes: boolean,
  ) {
    this.standIns = new StandIns(backend.binding);
  }

  dispose(): void {
    this.standIns.dispose();
  }

  addInput(name: string, tensor: tf.Tensor): void {
    const [id] = this.backend.getInputTensorIds([tensor]);
    const dtype = this.backend.getDTypeInteger(tensor.dtype);
    this.add([{ id, dtype, shape: tensor.shape }], { kind: 'input', name, dtype, shape: tensor.shape });
  }

  addOutput(name: string, tensor: tf.Tensor): void {
    const [id] = this.backend.getInputTensorIds([tensor]);
    const dtype = this.backend.getDTypeInteger(tensor.dtype);
    this.outputs.set(name, { ...this.referenceOf(id, `its output ${name}`), dtype });
  }

  binding(original: Binding): Binding {
    const own: Partial<Binding> = {
      createTensor: (shape, dtype, values) => {
        const id = original.createTensor(shape, dtype, values);
        const node: GraphNode = {
          kind: 'constant',
          dtype,
          shape: [...shape],
          values: keep(values as ArrayLike<number>),
        };
        this.add([{ id, dtype, shape: node.shape }], node);
        return id;
      },
      executeOp: (op, attributes, ids, count) => {
        const inputs = ids.map((id, at) => this.referenceOf(id, `input ${at} of ${op}`));
        const outputs = this.standIn(original, op, attributes, ids) ?? original.executeOp(op, attributes, ids, count);
        const types = (omittedTypes[op] ?? []).map((name, at) => {
          return { name, type: original.TF_ATTR_TYPE, value: this.dtypes.get(ids[at]) };
        });
        const isHalf = halfProducts.allowed && op in products;
        const node: GraphNode = {
          kind: 'operation',
          op,
          attributes: [...attributes, ...types],
          inputs,
          dtypes: outputs.map(({ dtype }) => dtype),
          shapes: outputs.map(({ shape }) => shape),
          ...(isHalf && { isHalf }),
        };
        this.add(outputs, node);
        return outputs;
      },
      isRecording: true,
      tensorDataSync: () => {
        throw new UserError(
          `compile(${this.name}): the function reads a tensor on the host. Return the tensor and read it outside, or give the number as a static.`,
        );
      },
    };
    // The binding's properties can neither be replaced nor proxied.
    return Object.create(original, Object.getOwnPropertyDescriptors(own)) as Binding;
  }

  private add(values: readonly Value[], node: GraphNode): void {
    this.nodes.push(node);
    values.forEach(({ id, dtype, shape }, index) => {
      this.known.set(id, { node: this.nodes.length - 1, index });
      this.dtypes.set(id, dtype);
      this.shapes.set(id, shape);
    });
  }

  /** Tensors in place of large float32 results, unless everything is computed. */
  private standIn(binding: Binding, op: string, attributes: readonly Attribute[], ids: readonly number[]) {
    if (this.computes) return undefined;
    const operands = ids.map((id) => ({
      isFloat: this.dtypes.get(id) === binding.TF_FLOAT,
      shape: [...this.shapes.get(id)!],
      constant: this.constantOf(id),
    }));
    return this.standIns.for(op, attributes, operands);
  }

  /** The values of a constant; undefined for other tensors, and for those stored as one number. */
  private constantOf(id: number): readonly number[] | undefined {
    const node = this.nodes[this.known.get(id)?.node ?? -1];
    const size = this.shapes.get(id)?.reduce((product, side) => product * side, 1);
    return node?.kind === 'constant' && node.values.length === size ? node.values : undefined;
  }

  private referenceOf(id: number, where: string): Reference {
    const found = this.known.get(id);
    if (!found)
      throw new UserError(
        `compile(${this.name}): ${where} is a tensor from outside the function. Make it one of the inputs.`,
      );
    return found;
  }
}

/** Describes the first difference between two recordings of one function; undefined if they are equal. */
export function firstDifference(a: Recording, b: Recording): string | undefined {
  const count = Math.max(a.nodes.length, b.nodes.length);
  for (let at = 0; at < count; at++) {
    const [first, second] = [a.nodes[at], b.nodes[at]];
    if (JSON.stringify(first) !== JSON.stringify(second))
      return `operation ${at}: ${describe(first)} the first time, ${describe(second)} the second`;
  }
  const given = ({ outputs }: Recording) => JSON.stringify([...outputs]);
  return given(a) === given(b) ? undefined : 'the tensors that it returns';
}

function describe(node: GraphNode | undefined): string {
  if (!node) return 'nothing';
  if (node.kind === 'input') return `the input ${node.name}`;
  if (node.kind === 'operation') return `${node.op}(${node.inputs.map(({ node, index }) => `${node}:${index}`)})`;
  const { shape, values } = node;
  return `a constant [${shape}] ${Array.from({ length: Math.min(4, values.length) }, (_, at) => values[at])}`;
}
