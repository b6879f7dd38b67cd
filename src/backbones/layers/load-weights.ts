import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../checks/error.js';
import type { Weights } from '../../engine/flat-weights.js';
import * as tf from '../../engine/tf.js';
import { readJsonFile } from '../../store/json-file.js';
import { readHeader, readTensor, type SafetensorsFile } from '../../store/safetensors.js';
import { TOKENS } from './decoder-names.js';

/** Where a tensor is stored: its file and its name there. */
export interface TensorLocation {
  source: SafetensorsFile;
  name: string;
}

/**
 * Load the weights of a Hugging Face folder: safetensors in one file or in shards with an index; F32, F16 or BF16. Names and shapes are
 * checked against the headers before the first tensor is read. Tensors are then read one at a time, straight into the engine's memory.
 * @param shapes expected shapes by canonical name; other tensors of the folder are ignored
 * @param canonicalName the name that moon-lab uses for a tensor of the file
 * @throws UserError naming the file, the value and the remedy; no tensor stays loaded
 */
export function loadFolderWeights(
  dir: string,
  shapes: Record<string, number[]>,
  canonicalName: (name: string) => string,
): Weights {
  const locations = locateTensors(dir, canonicalName);
  for (const [name, shape] of Object.entries(shapes)) checkTensor(name, shape, locations.get(name), dir);
  const weights: Weights = {};
  try {
    for (const [name, shape] of Object.entries(shapes)) {
      const { source, name: nameInFile } = locations.get(name)!;
      weights[name] = upload(readTensor(source, nameInFile), shape);
    }
  } catch (error) {
    tf.dispose(weights);
    throw error;
  }
  return weights;
}

/** Upload now instead of at the first operation, so that at most one tensor is in memory twice. */
function upload(values: Float32Array | Int32Array | Uint8Array, shape: number[]): tf.Tensor {
  const tensor = tf.tensor(values, shape);
  tf.tidy(() => {
    tf.slice(tensor, Array(shape.length).fill(0), Array(shape.length).fill(1));
  });
  return tensor;
}

/** Locations of all tensors of a folder, by canonical name. */
export function locateTensors(dir: string, canonicalName: (name: string) => string): Map<string, TensorLocation> {
  const locations = new Map<string, TensorLocation>();
  for (const file of weightFiles(dir)) {
    const source = readHeader(file);
    for (const name of source.tensors.keys()) locations.set(canonicalName(name), { source, name });
  }
  return locations;
}

/** The files of a folder's weights. @throws UserError if there are none, or one of the index is missing */
export function weightFiles(dir: string): string[] {
  const single = join(dir, 'model.safetensors');
  const index = `${single}.index.json`;
  if (!existsSync(index)) {
    if (existsSync(single)) return [single];
    throw new UserError(
      `${dir}: has neither model.safetensors nor model.safetensors.index.json. Give a Hugging Face folder with weights.`,
    );
  }
  const { weight_map: map } = readJsonFile(index, 'it names the shards') as { weight_map?: Record<string, string> };
  if (!map) throw new UserError(`${index}: has no weight_map. Download it again.`);
  return [...new Set(Object.values(map))].map((shard) => {
    const file = join(dir, shard);
    if (!existsSync(file))
      throw new UserError(`${file}: is listed in the index but missing. Download this shard again.`);
    return file;
  });
}

function checkTensor(name: string, shape: number[], location: TensorLocation | undefined, dir: string): void {
  if (!location) throw new UserError(`${dir}: has no tensor ${name}. Check that config.json belongs to these weights.`);
  const found = location.source.tensors.get(location.name)!.shape;
  if (found.join() === shape.join()) return;
  const why =
    name === TOKENS && found[0] !== shape[0]
      ? `the embedding has ${found[0]} tokens, config.json says vocab_size ${shape[0]}`
      : `${location.name} has the shape [${found}], config.json needs [${shape}]`;
  throw new UserError(`${location.source.file}: ${why}. Take config.json and weights from the same model.`);
}
