import { held, released } from '../held.js';
import * as tf from '../tf.js';
import { inPrecision } from './half-precision.js';
import { type CompileOptions, type CompileReport, openGraphs, runGraph, runsGraphs } from './loaded-graphs.js';
import { rawBackend } from './native-backend.js';
import { recordTwice } from './record-twice.js';
import { record } from './recording.js';
import { KEPT, splitRecording } from './split-recording.js';

type Named = Record<string, tf.Tensor>;

/** The outputs of a function, and its gradient once that of a loss with respect to them is known. */
export interface Computed {
  outputs: Named;
  /**
   * Call it once, or `drop`.
   * @param pulls gradients of the loss with respect to all outputs, by their names
   * @returns the gradient of the loss with respect to the input `along`
   */
  gradient(pulls: Named): tf.Tensor;
  /** Frees what was kept for the gradient. */
  drop(): void;
}

/** Name of a gradient among the inputs of the recorded function, and of its result. */
const PULL = 'pull of ';
const GRADIENT = 'gradient';

/** The same function uncompiled: it runs again for its gradient. */
export const gradientLater =
  <Statics>(fn: (inputs: Named, statics: Statics) => Named, along: string) =>
  (inputs: Named, statics: Statics): Computed => ({
    outputs: tf.tidy(() => fn(inputs, statics)),
    gradient: (pulls) =>
      tf.tidy(() => withGradient(fn, along, { ...inputs, ...pulledInputs(pulls) }, statics)[GRADIENT]),
    drop: () => {},
  });

const pulledInputs = (pulls: Named): Named =>
  Object.fromEntries(Object.entries(pulls).map(([name, pull]) => [PULL + name, pull]));

/** The outputs of `fn`, and the gradient of the loss whose gradients with respect to them are among the inputs. */
function withGradient<Statics>(
  fn: (inputs: Named, statics: Statics) => Named,
  along: string,
  inputs: Named,
  statics: Statics,
): Named {
  let outputs: Named = {};
  const gradient = tf.grad((input: tf.Tensor) => {
    outputs = held(fn({ ...inputs, [along]: input }, statics));
    const losses = Object.entries(outputs).map(([name, output]) => tf.sum(tf.mul(output, inputs[PULL + name])));
    return losses.reduce((sum, each) => tf.add(sum, each)) as tf.Scalar;
  })(inputs[along]);
  return { ...released(outputs), [GRADIENT]: gradient };
}

/**
 * Compile a function whose gradient is asked for later, when others have computed the loss from its outputs: the graph of `compile` for the
 * function and its gradient, run in two parts, so that nothing is computed twice. What the second part needs of the first stays with the
 * engine between the two. On engines other than the native one, the function runs again for its gradient.
 * @param fn as of `compile`; its outputs are float32
 * @param options `along` names the input that the gradient is with respect to
 */
export function compileWithGradientLater<Statics>(
  fn: (inputs: Named, statics: Statics) => Named,
  { along, ...options }: CompileOptions & { along: string },
): { (inputs: Named, statics: Statics): Computed; report(): CompileReport } {
  const graphs = openGraphs<Statics>(options, `${fn} along ${along}`, 2, (inputs, statics) => {
    const { outputs, nodes } = record(options.name, inputs, (given) => fn(given, statics));
    const pulls = Object.fromEntries(
      [...outputs].map(([name, { node, index }]) => {
        const found = nodes[node];
        return [PULL + name, tf.zeros([...(found.kind === 'operation' ? found.shapes[index] : found.shape)])];
      }),
    );
    const recording = recordTwice(options.name, { ...inputs, ...pulls }, (given) =>
      withGradient(fn, along, given, statics),
    );
    tf.dispose(pulls);
    return splitRecording(inPrecision(recording, options.precision), (name) => name !== GRADIENT);
  });

  const uncompiled = gradientLater(fn, along);
  const compiled = (inputs: Named, statics: Statics): Computed => {
    if (!runsGraphs(options.precision)) return uncompiled(inputs, statics);
    const backend = rawBackend();
    const [first, second] = graphs.graphsOf(inputs, statics);
    const results = [...runGraph(first, inputs)];
    const kept = new Map(results.filter(([name]) => name.startsWith(KEPT)).map(([name, { id }]) => [name, id]));
    const drop = () => {
      for (const id of kept.values()) backend.binding.deleteTensor(id);
      kept.clear();
    };
    const given = results.filter(([name]) => !kept.has(name));
    return {
      outputs: Object.fromEntries(given.map(([name, each]) => [name, backend.createOutputTensor(each)])),
      gradient(pulls) {
        const all = { ...inputs, ...pulledInputs(pulls) };
        const result = runGraph(second, all, kept);
        drop();
        return backend.createOutputTensor(result.get(GRADIENT)!);
      },
      drop,
    };
  };
  return Object.assign(compiled, { report: graphs.report });
}
