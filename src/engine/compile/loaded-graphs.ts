import { assert, UserError } from '../../checks/error.js';
import { hasKernels } from '../native.js';
import { settings } from '../settings.js';
import * as tf from '../tf.js';
import { findGraph, type StoredGraph, storeGraph, storeKey } from './graph-cache.js';
import { type GraphSignature, writeGraph } from './graph-file.js';
import { type OutputMetadata, rawBackend } from './native-backend.js';
import type { Recording } from './recording.js';

export interface CompileOptions {
  /** Name shown in messages. */
  name: string;
  /**
   * Everything besides inputs and statics that decides what the function does: captured options and shapes. With it, later processes load
   * the graph from disk without recording; without it, every process records.
   */
  captures?: unknown;
  /** Number of graphs of different shapes above which a notice is printed; a loaded graph is never freed. Default 16. */
  maxShapes?: number;
  /** Of the products that a function allows it for (`inHalf`). Default float32. */
  precision?: 'float32' | 'bfloat16';
}

/** Statistics of the last graph that was built, for benchmarks and progress. */
export interface CompileReport {
  shapes: number;
  recordSeconds: number;
  loadSeconds: number;
  operations: number;
}

export interface LoadedGraph {
  id: number;
  signature: GraphSignature;
  inputNames: string;
  outputNames: string;
}

/**
 * Whether functions run as graphs: on the native engine.
 * @throws UserError for half precision on any other
 */
export function runsGraphs(precision: CompileOptions['precision']): boolean {
  if (!tf.backend() || tf.getBackend() === 'tensorflow') return true;
  if (precision === 'bfloat16')
    throw new UserError(
      `engine.precision: bfloat16 is of the native engine, and this is ${tf.getBackend()}. Use float32.`,
    );
  return false;
}

/**
 * The graphs of one function, loaded once for each combination of input shapes and statics, from the disk cache if they are there.
 * @param code of the function
 * @param parts number of graphs of each combination
 * @param build records them
 */
export function openGraphs<Statics>(
  { name, captures, maxShapes = 16, precision = 'float32' }: CompileOptions,
  code: string,
  parts: number,
  build: (inputs: Record<string, tf.Tensor>, statics: Statics) => Recording[],
) {
  const loaded = new Map<string, LoadedGraph[]>();
  const report: CompileReport = { shapes: 0, recordSeconds: 0, loadSeconds: 0, operations: 0 };

  function open(inputs: Record<string, tf.Tensor>, statics: Statics, key: string): LoadedGraph[] {
    const { TF_Version } = rawBackend().binding;
    const keyOf = (part: number) =>
      JSON.stringify([name, code, captures, key, precision, hasKernels(), TF_Version, settings.threads, part]);
    const keys = Array.from({ length: parts }, (_, part) => keyOf(part));
    const started = performance.now();
    const found = captures === undefined ? [] : keys.map(findGraph);
    let stored = found.filter((each) => each !== undefined);
    report.recordSeconds = 0;
    if (stored.length < parts) {
      stored = build(inputs, statics).map((recording) => storeGraph(writeGraph(recording)));
      if (captures !== undefined) for (const [part, each] of stored.entries()) storeKey(keys[part], each);
      report.recordSeconds = (performance.now() - started) / 1000;
    }
    const loading = performance.now();
    const graphs = stored.map(load);
    loaded.set(key, graphs);
    if (loaded.size === maxShapes + 1)
      process.stderr.write(
        `moon-lab: compile(${name}) has loaded graphs of ${loaded.size} different shapes; each takes 20 to 75 MB. Round lengths to fewer buckets.\n`,
      );
    Object.assign(report, {
      shapes: loaded.size,
      loadSeconds: (performance.now() - loading) / 1000,
      operations: stored.reduce((sum, { signature }) => sum + signature.operations, 0),
    });
    return graphs;
  }

  /** The last call: most calls are like the one before, and comparing them is faster than making a key. */
  let last: { statics: string; kinds: Map<string, Kind>; graphs: LoadedGraph[] } | undefined;

  return {
    graphsOf(inputs: Record<string, tf.Tensor>, given: Statics): LoadedGraph[] {
      const statics = JSON.stringify(given);
      if (last && statics === last.statics && areAlike(inputs, last.kinds)) return last.graphs;
      const names = Object.keys(inputs).sort();
      const kinds = new Map(names.map((name) => [name, { dtype: inputs[name].dtype, shape: inputs[name].shape }]));
      const key = `${statics} ${[...kinds].map(([name, { dtype, shape }]) => `${name} ${dtype} ${shape}`)}`;
      const graphs = loaded.get(key) ?? open(inputs, given, key);
      last = { statics, kinds, graphs };
      return graphs;
    },
    report: () => ({ ...report }),
  };
}

type Kind = Pick<tf.Tensor, 'dtype' | 'shape'>;

function areAlike(inputs: Readonly<Record<string, tf.Tensor>>, kinds: ReadonlyMap<string, Kind>): boolean {
  let count = 0;
  for (const name in inputs) {
    const [given, known] = [inputs[name], kinds.get(name)];
    if (!known || given.dtype !== known.dtype || !tf.util.arraysEqual(given.shape, known.shape)) return false;
    count++;
  }
  return count === kinds.size;
}

function load({ folder, signature }: StoredGraph): LoadedGraph {
  return {
    id: rawBackend().binding.loadSavedModel(folder, 'serve'),
    signature,
    inputNames: signature.inputs.map(({ node }) => node).join(','),
    outputNames: signature.outputs.map(({ node }) => node).join(','),
  };
}

/**
 * Run a graph.
 * @param kept ids of inputs that are no tensors of tfjs, by name
 * @returns its outputs by name
 */
export function runGraph(
  { id, signature, inputNames, outputNames }: LoadedGraph,
  inputs: Readonly<Record<string, tf.Tensor>>,
  kept?: ReadonlyMap<string, number>,
): Map<string, OutputMetadata> {
  const backend = rawBackend();
  const given = signature.inputs.filter(({ name }) => !kept?.has(name));
  const ids = backend.getInputTensorIds(given.map((each) => inputOf(inputs, each)));
  const all = kept ? idsInOrder(signature, ids, kept) : ids;
  const results = backend.binding.runSavedModel(id, all, inputNames, outputNames);
  return new Map(signature.outputs.map(({ name }, at) => [name, results[at]]));
}

function inputOf(
  inputs: Readonly<Record<string, tf.Tensor>>,
  { name, shape }: GraphSignature['inputs'][number],
): tf.Tensor {
  const tensor = inputs[name];
  // The message is made only where it is wanted: a token of a small network takes less than a millisecond.
  if (!tensor || !tf.util.arraysEqual(tensor.shape, shape as number[]))
    assert(false, `input ${name} has the recorded shape [${shape}]`);
  return tensor;
}

/** @param given ids of the inputs that are not kept, in their order */
function idsInOrder({ inputs }: GraphSignature, given: number[], kept: ReadonlyMap<string, number>): number[] {
  let next = 0;
  return inputs.map(({ name }) => kept.get(name) ?? given[next++]);
}
