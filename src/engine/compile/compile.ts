import { assert, UserError } from '../../checks/error.js';
import { settings } from '../settings.js';
import * as tf from '../tf.js';
import { findGraph, rememberGraph, type StoredGraph, storeGraph } from './graph-cache.js';
import { type GraphSignature, writeGraph } from './graph-file.js';
import { rawBackend } from './native-backend.js';
import { firstDifference, record } from './recording.js';

export interface CompileOptions {
  /** For messages. */
  name: string;
  /**
   * Everything beside inputs and statics that decides what the function does: options and shapes that it captures. With it a later
   * process takes the graph from the disk without recording; without it every process records.
   */
  captures?: unknown;
  /** Graphs of different shapes kept in memory before a notice is printed: a loaded graph is never given back. Default 16. */
  mostShapes?: number;
}

/** What happened the last time a graph had to be made, for benches and progress. */
export interface CompileReport {
  shapes: number;
  recordSeconds: number;
  loadSeconds: number;
  operations: number;
}

/** A function that runs as one graph. */
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
 * `fn` as one TensorFlow graph for each combination of shapes and statics: the first call records what `fn` does (twice, on
 * different numbers: both must do the same), builds and loads the graph, and every call runs it in one native call. The result is
 * the graph's from the first call on, so that a resumed run sees the same bits. On other engines `fn` runs as it is.
 *
 * `fn` must be pure: inputs are tensors by name, `statics` is a JSON record of whatever else decides its shapes; no host reads, no
 * other tensors, random numbers only from stateless operations whose seed is an input. Who calls frees inputs and outputs.
 * @throws UserError when it is not pure, with the first difference and the remedy
 */
export function compile<Statics>(
  fn: (inputs: Record<string, tf.Tensor>, statics: Statics) => Record<string, tf.Tensor>,
  { name, captures, mostShapes = 16 }: CompileOptions,
): Compiled<Statics> {
  const graphs = new Map<string, LoadedGraph>();
  const report: CompileReport = { shapes: 0, recordSeconds: 0, loadSeconds: 0, operations: 0 };

  const compiled = (inputs: Record<string, tf.Tensor>, statics: Statics) => {
    if (tf.backend() && tf.getBackend() !== 'tensorflow') return tf.tidy(() => fn(inputs, statics));
    const names = Object.keys(inputs).sort();
    const key = `${JSON.stringify(statics)} ${names.map((each) => `${each} ${inputs[each].dtype} ${inputs[each].shape}`)}`;
    let graph = graphs.get(key);
    if (!graph) {
      graph = open(inputs, statics, key);
      graphs.set(key, graph);
      if (graphs.size === mostShapes + 1)
        process.stderr.write(
          `moon-lab: compile(${name}) has loaded ${graphs.size} graphs of different shapes, each keeps 20 to 75 MB. Bring lengths to fewer buckets.\n`,
        );
    }
    return run(graph, inputs);
  };

  function open(inputs: Record<string, tf.Tensor>, statics: Statics, key: string): LoadedGraph {
    const { binding } = rawBackend();
    const full = JSON.stringify([name, fn.toString(), captures, key, binding.TF_Version, settings.threads]);
    const started = performance.now();
    let stored = captures === undefined ? undefined : findGraph(full);
    if (!stored) {
      stored = recordTwice(name, inputs, (given) => fn(given, statics));
      if (captures !== undefined) rememberGraph(full, stored);
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

/** Two recordings on different numbers of the same shapes: what differs was decided by a number on the host. */
function recordTwice(
  name: string,
  inputs: Record<string, tf.Tensor>,
  fn: (inputs: Record<string, tf.Tensor>) => Record<string, tf.Tensor>,
): StoredGraph {
  const attempt = (given: Record<string, tf.Tensor>) => {
    try {
      return record(name, given, fn);
    } catch (error) {
      if (error instanceof UserError) throw error;
      // An index was decided by numbers that were not computed.
      return record(name, given, fn, true);
    }
  };
  const recording = attempt(inputs);
  const moved = tf.tidy(() =>
    Object.fromEntries(Object.entries(inputs).map(([key, tensor]) => [key, elsewhere(tensor)])),
  );
  try {
    const difference = firstDifference(recording, attempt(moved));
    if (difference)
      throw new UserError(
        `compile(${name}): the function does not do the same twice, at ${difference}. Make numbers that change inputs (a seed, a rate, a step), and choices statics.`,
      );
  } finally {
    tf.dispose(moved);
  }
  return storeGraph(writeGraph(recording));
}

/** Other numbers of the same kind; indices and masks stay, they have to remain valid. */
function elsewhere(tensor: tf.Tensor): tf.Tensor {
  return tensor.dtype === 'float32' ? tf.add(tf.mul(tensor, 1.015625), 0.0078125) : tf.clone(tensor);
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
