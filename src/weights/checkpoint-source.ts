import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { familyOfFolder } from '../backbones/families.js';
import { locateTensors } from '../backbones/layers/load-weights.js';
import { UserError } from '../checks/error.js';
import { EXPONENT } from '../store/half.js';
import { openParts, readTensor, type TensorParts } from '../store/safetensors.js';

/** A tensor of a checkpoint, without its numbers. */
export interface TensorHeader {
  /** As the file spells it. */
  name: string;
  shape: readonly number[];
  dtype: 'F32' | 'F16' | 'BF16';
}

/** A checkpoint whose tensors are read one at a time. */
export interface CheckpointSource {
  folder: string;
  /** By canonical name, so that checkpoints of both naming schemes fit together; in the order of the files. */
  tensors: ReadonlyMap<string, TensorHeader>;
  /** The canonical name of a tensor or module of the file. */
  canonical(name: string): string;
  /** Tensors of other types than floating point. */
  leftOut: string[];
  /** The numbers of a tensor in single precision. @throws UserError for a damaged file, or one with NaN */
  read(canonical: string): Float32Array;
  /** The numbers of a tensor in parts of at most `most`, unchecked; undefined for weights that are computed. */
  openParts?(canonical: string, most: number): TensorParts;
}

/**
 * Open a Hugging Face folder of any network; shards are joined.
 * @throws UserError for a folder without weights
 */
export function openCheckpoint(folder: string): CheckpointSource {
  if (!existsSync(join(folder, 'config.json')))
    throw new UserError(`${folder}: has no config.json. Give a Hugging Face folder, a run or a downloaded network.`);
  const canonical = familyOfFolder(folder)?.canonicalName ?? ((name: string) => name);
  const located = locateTensors(folder, canonical);
  const tensors = new Map<string, TensorHeader>();
  const leftOut: string[] = [];
  for (const [name, { source, name: inFile }] of located) {
    const { shape, dtype } = source.tensors.get(inFile)!;
    if (dtype === 'F32' || dtype === 'F16' || dtype === 'BF16') tensors.set(name, { name: inFile, shape, dtype });
    else leftOut.push(inFile);
  }
  return {
    folder,
    canonical,
    tensors,
    leftOut,
    read(name) {
      const { source, name: inFile } = located.get(name)!;
      const values = readTensor(source, inFile) as Float32Array;
      requireNumbers(values, `${source.file}: ${inFile}`);
      return values;
    },
    openParts(name, most) {
      const { source, name: inFile } = located.get(name)!;
      return openParts(source, inFile, most);
    },
  };
}

/** Whether no value is NaN or infinite. */
export function allFinite(values: Float32Array): boolean {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  let strange = 0;
  for (let at = 0; at < bits.length; at++) strange |= Number((bits[at] & EXPONENT) === EXPONENT);
  return strange === 0;
}

/** @throws UserError for values with NaN or an infinity */
export function requireNumbers(values: Float32Array, where: string): void {
  if (allFinite(values)) return;
  const at = values.findIndex((value) => !Number.isFinite(value));
  throw new UserError(`${where} holds ${values[at]} at ${at}. Take a checkpoint of finite numbers.`);
}
