import { assert, UserError } from '../../checks/error.js';
import { hasKernels } from '../native.js';
import { settings } from '../settings.js';
import * as tf from '../tf.js';
import { findGraph, type StoredGraph, storeGraph, storeKey } from './graph-cache.js';
import { type GraphSignature, writeGraph } from './graph-file.js';
import { inHalfPrecision } from './half-precision.js';
import { rawBackend } from './native-backend.js';
import { firstDifference, type Recording, record } from './recording.js';
import { LARGE } from './stand-ins.js';

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

/** A function that runs as one compiled graph. */
export type Compiled<Statics> = {
  (inputs: Record<string, tf.Tensor>, statics: Statics): Record<string, tf.Tensor>;
  report(): CompileReport;
};

interface LoadedGraph {
  id: number;
  signature: GraphSignature;
  inputNames: string;
  outputNames: string;
}

/**
 * Compile `fn` to one TensorFlow graph for each combination of input shapes and statics. The first call records what `fn` does, builds and
 * loads the graph; every call then runs the graph in one native call. It records twice, on different numbers, to check that both do the
 * same. Even the first result comes from the graph, so a resumed run computes the same bits. On engines other than the native one, `fn`
 * runs uncompiled.
 *
 * `fn` must be pure. Its inputs are tensors by name; `statics` is a JSON record of whatever else decides its shapes. It may not read
 * tensors on the host or use other tensors, and takes random numbers only from stateless operations whose seed is an input. The caller
 * frees inputs and outputs.
 * @throws UserError when `fn` is not pure, with the first difference and the remedy
 */
export function compile<Statics>(
  fn: (inputs: Record<string, tf.Tensor>, statics: Statics) => Record<string, tf.Tensor>,
  { name, captures, maxShapes = 16, precision = 'float32' }: CompileOptions,
): Compiled<Statics> {
  const graphs = new Map<string, LoadedGraph>();
  const report: CompileReport = { shapes: 0, recordSeconds: 0, loadSeconds: 0, operations: 0 };

  const compiled = (inputs: Record<string, tf.Tensor>, statics: Statics) => {
    if (tf.backend() && tf.getBackend() !== 'tensorflow') {
      if (precision === 'bfloat16')
        throw new UserError(
          `engine.precision: bfloat16 is of the native engine, and this is ${tf.getBackend()}. Use float32.`,
        );
      return tf.tidy(() => fn(inputs, statics));
    }
    const names = Object.keys(inputs).sort();
    const key = `${JSON.stringify(statics)} ${names.map((each) => `${each} ${inputs[each].dtype} ${inputs[each].shape}`)}`;
    let graph = graphs.get(key);
    if (!graph) {
      graph = open(inputs, statics, key);
      graphs.set(key, graph);
      if (graphs.size === maxShapes + 1)
        process.stderr.write(
          `moon-lab: compile(${name}) has loaded ${graphs.size} graphs of different shapes; each takes 20 to 75 MB. Round lengths to fewer buckets.\n`,
        );
    }
    return run(graph, inputs);
  };

  function open(inputs: Record<string, tf.Tensor>, statics: Statics, key: string): LoadedGraph {
    const { binding } = rawBackend();
    const full = JSON.stringify([
      name,
      fn.toString(),
      captures,
      key,
      precision,
      hasKernels(),
      binding.TF_Version,
      settings.threads,
    ]);
    const started = performance.now();
    let stored = captures === undefined ? undefined : findGraph(full);
    if (!stored) {
      const recording = recordTwice(name, inputs, (given) => fn(given, statics));
      stored = storeGraph(writeGraph(precision === 'bfloat16' ? inHalfPrecision(recording, binding) : recording));
      if (captures !== undefined) storeKey(full, stored);
      report.recordSeconds = (performance.now() - started) / 1000;
    } else report.recordSeconds = 0;
    const loading = performance.now();
    const graph = load(stored);
    Object.assign(report, {
      shapes: graphs.size + 1,
      loadSeconds: (performance.now() - loading) / 1000,
      operations: stored.signature.operations,
    });
    return graph;
  }

  return Object.assign(compiled, { report: () => ({ ...report }) });
}

/** Record twice, on different numbers of the same shapes. Any difference was decided by a number on the host. */
function recordTwice(
  name: string,
  inputs: Record<string, tf.Tensor>,
  fn: (inputs: Record<string, tf.Tensor>) => Record<string, tf.Tensor>,
): Recording {
  const attempt = (given: Record<string, tf.Tensor>) => {
    try {
      return record(name, given, fn);
    } catch (error) {
      if (error instanceof UserError) throw error;
      // An index depended on numbers that were not computed, so record again and compute everything.
      return record(name, given, fn, true);
    }
  };
  const recording = attempt(inputs);
  const changed = Object.fromEntries(Object.entries(inputs).map(([key, tensor]) => [key, perturbed(tensor)]));
  try {
    const difference = firstDifference(recording, attempt(changed));
    if (difference)
      throw new UserError(
        `compile(${name}): the function did not do the same twice, at ${difference}. Make numbers that change (a seed, a rate, a step) inputs, and choices statics.`,
      );
  } finally {
    tf.dispose(changed);
  }
  return recording;
}

/**
 * Different numbers of the same kind. Integers and booleans keep their values, because indices and masks must stay valid; so do large
 * tensors, the weights, of which a second copy would take their memory once more.
 */
function perturbed(tensor: tf.Tensor): tf.Tensor {
  return tensor.dtype === 'float32' && tensor.size < LARGE
    ? tf.tidy(() => tf.add(tf.mul(tensor, 1.015625), 0.0078125))
    : tf.clone(tensor);
}

function load({ folder, signature }: StoredGraph): LoadedGraph {
  return {
    id: rawBackend().binding.loadSavedModel(folder, 'serve'),
    signature,
    inputNames: signature.inputs.map(({ node }) => node).join(','),
    outputNames: signature.outputs.map(({ node }) => node).join(','),
  };
}

function run(graph: LoadedGraph, inputs: Record<string, tf.Tensor>): Record<string, tf.Tensor> {
  const backend = rawBackend();
  const { id, signature, inputNames, outputNames } = graph;
  const given = signature.inputs.map(({ name, shape }) => {
    const tensor = inputs[name];
    assert(
      tensor && tf.util.arraysEqual(tensor.shape, shape as number[]),
      `input ${name} has the recorded shape [${shape}]`,
    );
    return tensor;
  });
  const results = backend.binding.runSavedModel(id, backend.getInputTensorIds(given), inputNames, outputNames);
  return Object.fromEntries(signature.outputs.map(({ name }, at) => [name, backend.createOutputTensor(results[at])]));
}
