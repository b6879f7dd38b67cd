import { existsSync } from 'node:fs';
import { UserError } from '../checks/error.js';
import { readJsonFile } from '../store/json-file.js';
import { readHeader, readTensor } from '../store/safetensors.js';

/**
 * What Python's transformers computed from a folder: the tensors of `expected.safetensors`, and beside it `expected.json`.
 * Remembers which tensors were read, so that none is left out in silence.
 */
export interface ExpectedFile {
  file: string;
  /** The texts of the prompts by name, and the images (their numbers) that each shows. */
  prompts: Record<string, string>;
  imagesOf: Record<string, number[]>;
  /** Texts and what the tokenizer makes of them. */
  texts: { text: string; ids: number[] }[];
  has(name: string): boolean;
  shape(name: string): number[];
  numbers(name: string): Float32Array | Int32Array | Uint8Array;
  /** Names that nothing read. */
  unread(): string[];
}

/** @throws UserError where one of the two files is missing or broken */
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
    throw new UserError(`${described}: names no prompts and images_of, take the file that belongs to ${file}.`);
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
