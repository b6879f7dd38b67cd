import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { GGMLQuantizationType, gguf } from '@huggingface/gguf';
import { UserError } from '../../checks/error.js';
import { type NumberType, numberTypes } from './quantised.js';

/** A tensor of a GGUF file. */
export interface GgufTensor {
  /** Row-major, as everywhere here; the file has it the other way round. */
  shape: number[];
  type: NumberType;
  /** Bytes from the start of the file. */
  start: number;
  bytes: number;
}

/** The header of a GGUF file. */
export interface GgufFile {
  file: string;
  /** `general.architecture`, `llama.block_count`, `tokenizer.ggml.tokens` and so on. */
  metadata: Readonly<Record<string, unknown>>;
  tensors: ReadonlyMap<string, GgufTensor>;
}

/**
 * Read and check the header of a GGUF file (llama.cpp's format): every tensor has a known number type and lies inside the file.
 * @throws UserError for a file that is missing, broken or cut short, or whose numbers are stored in a way that is not known here
 */
export async function readGguf(file: string): Promise<GgufFile> {
  if (!existsSync(file)) throw new UserError(`${file}: no such file.`);
  const { size } = statSync(file);
  const header = await gguf(file, { allowLocalFile: true }).catch((error: Error) => {
    throw new UserError(`${file}: cannot be read as GGUF (${error.message}). Download it again.`);
  });
  const offset = Number(header.tensorDataOffset);
  if (offset > size) throw new UserError(`${file}: ends inside its header. Download it again.`);
  const tensors = new Map<string, GgufTensor>();
  for (const { name, shape, dtype, offset: own } of header.tensorInfos) {
    const type = numberTypes.get(dtype);
    if (!type) {
      const known = [...numberTypes.values()].map((each) => each.name).join(' | ');
      throw new UserError(
        `${file}: ${name} is quantised as ${GGMLQuantizationType[dtype] ?? `type ${dtype}`}, expected ${known}. Take a file in one of these.`,
      );
    }
    const sizes = shape.map(Number).toReversed();
    const count = sizes.reduce((product, side) => product * side, 1);
    const start = offset + Number(own);
    const bytes = (count / type.numbers) * type.bytes;
    if (count % type.numbers)
      throw new UserError(`${file}: ${name} has ${count} numbers, which ${type.name} cannot hold. Download it again.`);
    if (start + bytes > size)
      throw new UserError(
        `${file}: ends at ${size} bytes, inside ${name}, which ends at ${start + bytes}. Download it again.`,
      );
    tensors.set(name, { shape: sizes, type, start, bytes });
  }
  return { file, metadata: header.metadata as unknown as Record<string, unknown>, tensors };
}

/** Blocks that are read at a time, so that a large tensor's bytes are never held beside all of its numbers. */
const CHUNK = 1 << 15;

/** The numbers of a tensor as float32. @throws UserError for a name that the file lacks */
export function readGgufTensor({ file, tensors }: GgufFile, name: string): Float32Array {
  const tensor = tensors.get(name);
  if (!tensor) throw new UserError(`${file}: has no tensor ${name}. Take the file of a whole model.`);
  const { type, start, bytes } = tensor;
  const blocks = bytes / type.bytes;
  const out = new Float32Array(blocks * type.numbers);
  const buffer = new Uint8Array(Math.min(blocks, CHUNK) * type.bytes);
  const handle = openSync(file, 'r');
  try {
    for (let block = 0; block < blocks; block += CHUNK) {
      const count = Math.min(CHUNK, blocks - block);
      const part = buffer.subarray(0, count * type.bytes);
      for (let read = 0; read < part.length; ) {
        const got = readSync(handle, part, read, part.length - read, start + block * type.bytes + read);
        if (!got) throw new UserError(`${file}: ends inside ${name}. Download it again.`);
        read += got;
      }
      for (let at = 0; at < count; at++) type.read(part, at * type.bytes, out, (block + at) * type.numbers);
    }
  } finally {
    closeSync(handle);
  }
  return out;
}
