import { existsSync } from 'node:fs';
import { UserError } from '../checks/error.js';
import { readJsonFile } from '../store/json-file.js';
import { readHeader, readTensor } from '../store/safetensors.js';

/**
 * Outputs that Python's transformers computed from a model folder: the tensors of `expected.safetensors`, and `expected.json` beside it.
 * Tracks which tensors were read, so that none is ignored silently.
 */
export interface ExpectedFile {
  file: string;
  /** Prompt texts by name, and the indices of the images in each prompt. */
  prompts: Record<string, string>;
  imagesOf: Record<string, number[]>;
  /** Texts and their token ids. */
  texts: { text: string; ids: number[] }[];
  has(name: string): boolean;
  shape(name: string): number[];
  numbers(name: string): Float32Array | Int32Array | Uint8Array;
  /** Names of tensors that were not read. */
  unread(): string[];
}

/**
 * Open `expected.safetensors` and its `expected.json`.
 * @throws UserError when one of the two files is missing or broken
 */
export function openExpected(file: string): ExpectedFile {
  if (!existsSync(file)) throw new UserError(`${file}: no such file; name one with --expected FILE.`);
  const source = readHeader(file);
  const described = file.replace(/(\.safetensors)?$/, '.json');
  const json = readJsonFile(described, 'it names the prompts and belongs beside the tensors') as {
    prompts?: Record<string, string>;
    images_of?: Record<string, number[]>;
    tokenizer?: { text: string; ids: number[] }[];
  };
  if (!json.prompts || !json.images_of)
    throw new UserError(`${described}: has no prompts or no images_of. Take the file that belongs to ${file}.`);
  const unread = new Set(source.tensors.keys());
  return {
    file,
    prompts: json.prompts,
    imagesOf: json.images_of,
    texts: json.tokenizer ?? [],
    has: (name) => source.tensors.has(name),
    shape: (name) => source.tensors.get(name)?.shape ?? [],
    numbers(name) {
      unread.delete(name);
      return readTensor(source, name);
    },
    unread: () => [...unread],
  };
}
