import * as tf from '../tf.js';
import { inPrecision } from './half-precision.js';
import { type CompileOptions, type CompileReport, openGraphs, runGraph, runsGraphs } from './loaded-graphs.js';
import { rawBackend } from './native-backend.js';
import { recordTwice } from './record-twice.js';

/** A function that runs as one compiled graph. */
export type Compiled<Statics> = {
  (inputs: Record<string, tf.Tensor>, statics: Statics): Record<string, tf.Tensor>;
  report(): CompileReport;
};

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
  options: CompileOptions,
): Compiled<Statics> {
  const graphs = openGraphs<Statics>(options, fn.toString(), 1, (inputs, statics) => [
    inPrecision(
      recordTwice(options.name, inputs, (given) => fn(given, statics)),
      options.precision,
    ),
  ]);
  const compiled = (inputs: Record<string, tf.Tensor>, statics: Statics) => {
    if (!runsGraphs(options.precision)) return tf.tidy(() => fn(inputs, statics));
    const [graph] = graphs.graphsOf(inputs, statics);
    const results = runGraph(graph, inputs);
    const backend = rawBackend();
    return Object.fromEntries([...results].map(([name, each]) => [name, backend.createOutputTensor(each)]));
  };
  return Object.assign(compiled, { report: graphs.report });
}
