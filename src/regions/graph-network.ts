import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { GraphModel } from '@tensorflow/tfjs-converter';
import { UserError } from '../checks/error.js';
import * as tf from '../engine/tf.js';
import { hashFiles } from '../store/content-hash.js';
import { readJsonFile } from '../store/json-file.js';
import type { DetectorNetwork } from './detector-network.js';

/** Sizes are strings; -1 is a dynamic size. */
interface GraphOutput {
  name: string;
  tensorShape?: { dim?: { size: string }[] };
}

/** The fields of a tfjs `model.json` that are used here. */
interface GraphFile {
  modelTopology: { node: { op: string }[] };
  signature?: { outputs?: Record<string, GraphOutput> };
  weightsManifest: { paths: string[]; weights: tf.io.WeightsManifestEntry[] }[];
}

/** Operations that run only asynchronously, because their output sizes or their execution depend on values. */
const DYNAMIC =
  /^(Stateless)?(If|While)$|^(Switch|Merge|Enter|Exit|LoopCond|Where|ListDiff)$|^(NonMaxSuppression|Tensor(Array|List))/;

/**
 * Open a tfjs graph model (`model.json` with its binary weights in the same folder), run by the engine.
 * @throws UserError when a file is missing or is not a graph model
 */
export async function openGraphNetwork(file: string): Promise<DetectorNetwork> {
  const graph = readJsonFile(file, 'give the *.json of a tfjs graph model') as GraphFile;
  if (!Array.isArray(graph.modelTopology?.node) || !Array.isArray(graph.weightsManifest))
    throw new UserError(
      `${file}: is not a tfjs graph model; convert it with tensorflowjs_converter --output_format=tfjs_graph_model.`,
    );
  const binaries = graph.weightsManifest.flatMap(({ paths }) =>
    paths.map((path) => join(dirname(file), basename(path))),
  );
  const bytes = await Promise.all(binaries.map(readWeights));
  const model = await loadGraph(file, {
    modelTopology: graph.modelTopology,
    signature: graph.signature,
    weightSpecs: graph.weightsManifest.flatMap(({ weights }) => weights),
    weightData: Uint8Array.from(Buffer.concat(bytes)).buffer,
  });
  const dynamic = graph.modelTopology.node.some(({ op }) => DYNAMIC.test(op));
  const [input] = model.inputs;
  const outputs = graph.signature?.outputs ?? Object.fromEntries(model.outputs.map(({ name }) => [name, { name }]));
  return {
    inputShape: (input.shape ?? []).map(openSize),
    outputs: Object.fromEntries(Object.entries(outputs).map(([key, output]) => [key, outputSizes(output)])),
    async run(pixels, shape, keys) {
      const image = tf.tensor(pixels, [...shape], input.dtype === 'int32' ? 'int32' : 'float32');
      const feed = { [input.name]: image };
      const names = keys.map((key) => outputs[key].name);
      const tensors = [
        dynamic ? await model.executeAsync(feed, names) : tf.tidy(() => model.execute(feed, names)),
      ].flat();
      const values = await Promise.all(tensors.map((tensor) => tensor.data()));
      tf.dispose([image, tensors]);
      return Object.fromEntries(keys.map((key, at) => [key, values[at]]));
    },
    weights: await hashFiles([file, ...binaries]),
    dispose: () => model.dispose(),
  };
}

/** Only graph models need the converter, so it is loaded on demand. */
async function loadGraph(file: string, artifacts: tf.io.ModelArtifacts): Promise<GraphModel<tf.io.IOHandlerSync>> {
  const converter = await import('@tensorflow/tfjs-converter');
  const model = new converter.GraphModel(tf.io.fromMemorySync(artifacts));
  try {
    // If loading fails, the scope frees the weights read so far.
    tf.tidy(() => {
      model.load();
      Object.values(model.weights).flat().forEach(tf.keep);
    });
    return model;
  } catch (error) {
    throw new UserError(`${file}: cannot be loaded (${(error as Error).message}); convert or download it again.`);
  }
}

async function readWeights(path: string): Promise<Uint8Array> {
  return readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw new UserError(
      `${path}: cannot be read (${error.code}); keep a graph model's binary weights in the folder of its JSON.`,
    );
  });
}

function outputSizes({ tensorShape }: GraphOutput): number[] {
  return (tensorShape?.dim ?? []).map(({ size }) => openSize(Number(size)));
}

function openSize(size: number): number {
  return Math.max(size, 0);
}
