import { closeSync, fstatSync, openSync } from 'node:fs';
import { assert, UserError } from '../checks/error.js';
import { writeFileAtomic } from './atomic.js';
import { type HalfDtype, widen } from './half.js';
import { readFully, writeFully } from './large-transfer.js';

/** The data types that we read, with their bytes per number. F16 and BF16 become float32. */
const bytesOf = { F32: 4, F16: 2, BF16: 2, I32: 4, U8: 1 } as const;

/** The other types of the format: a file may hold tensors of them that no one reads, such as positions. */
const otherBytes = { F64: 8, I64: 8, U64: 8, I16: 2, U16: 2, U32: 4, I8: 1, BOOL: 1, F8_E4M3: 1, F8_E5M2: 1 } as const;

export type Dtype = keyof typeof bytesOf;

/** The position of one tensor in a file. */
export interface TensorEntry {
  dtype: Dtype | keyof typeof otherBytes;
  shape: number[];
  /** Byte offset from the start of the file. */
  start: number;
  bytes: number;
}

export interface SafetensorsFile {
  file: string;
  tensors: Map<string, TensorEntry>;
  metadata: Record<string, string>;
}

/** The limit of the format. A larger header is refused before memory is allocated for it. */
const maxHeaderBytes = 100_000_000;

/**
 * Read and check the header of a safetensors file: every tensor must lie inside the file and have as many bytes as its shape needs.
 * @throws UserError for a truncated file, an invalid header, or a data type that is not of the format
 */
export function readHeader(file: string): SafetensorsFile {
  const handle = openFile(file);
  try {
    const size = fstatSync(handle).size;
    if (size < 8) throw broken(file, `has ${size} bytes and no header`);
    const lengthBytes = Buffer.alloc(8);
    readOrThrow(handle, lengthBytes, 0, file);
    const length = Number(lengthBytes.readBigUInt64LE());
    if (length > maxHeaderBytes || length + 8 > size)
      throw broken(file, `claims a header of ${length} bytes but has ${size} bytes in total`);
    const header = Buffer.alloc(length);
    readOrThrow(handle, header, 8, file);
    return parseHeader(header.toString('utf8'), file, 8 + length, size);
  } finally {
    closeSync(handle);
  }
}

function parseHeader(text: string, file: string, dataStart: number, size: number): SafetensorsFile {
  let header: Record<string, unknown>;
  try {
    header = JSON.parse(text);
  } catch {
    throw broken(file, 'has a header that is not JSON');
  }
  const { __metadata__: metadata = {}, ...entries } = header;
  const tensors = new Map<string, TensorEntry>();
  for (const [name, value] of Object.entries(entries)) {
    const { dtype, shape, data_offsets: offsets } = value as { dtype: string; shape: number[]; data_offsets: number[] };
    if (!Object.hasOwn(allBytes, dtype)) throw wrongType(file, name, dtype);
    if (!isSizes(shape) || !isSizes(offsets) || offsets.length !== 2)
      throw broken(file, `has an invalid entry for ${name}`);
    const bytes = shape.reduce((product, side) => product * side, 1) * allBytes[dtype as TensorEntry['dtype']];
    if (offsets[1] - offsets[0] !== bytes)
      throw broken(file, `stores ${offsets[1] - offsets[0]} bytes for ${name}, whose shape [${shape}] needs ${bytes}`);
    if (dataStart + offsets[1] > size)
      throw broken(file, `ends at ${size} bytes, inside ${name}, which ends at ${dataStart + offsets[1]}`);
    tensors.set(name, { dtype: dtype as TensorEntry['dtype'], shape, start: dataStart + offsets[0], bytes });
  }
  return { file, tensors, metadata: metadata as Record<string, string> };
}

const allBytes = { ...bytesOf, ...otherBytes };

const wrongType = (file: string, name: string, dtype: string) =>
  new UserError(
    `${file}: ${name} has the data type ${dtype}, expected ${Object.keys(bytesOf).join(' | ')}. Convert the model to one of them.`,
  );

const isSizes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((each) => Number.isSafeInteger(each) && each >= 0);

/** Bytes converted at a time, so that a large half-precision tensor is never in memory twice. */
const chunk = 4 << 20;

/** Read the values of one tensor. F16 and BF16 are converted to float32. @throws UserError for a data type that is not read */
export function readTensor(source: SafetensorsFile, name: string): Float32Array | Int32Array | Uint8Array {
  const entry = source.tensors.get(name);
  if (!entry) throw broken(source.file, `has no tensor ${name}`);
  if (!Object.hasOwn(bytesOf, entry.dtype)) throw wrongType(source.file, name, entry.dtype);
  const handle = openFile(source.file);
  try {
    if (entry.dtype === 'BF16' || entry.dtype === 'F16') return readHalf(handle, entry, source.file);
    const buffer = new ArrayBuffer(offset + entry.bytes);
    const bytes = new Uint8Array(buffer, offset);
    readOrThrow(handle, bytes, entry.start, source.file);
    if (entry.dtype === 'U8') return bytes;
    return entry.dtype === 'F32' ? new Float32Array(buffer, offset) : new Int32Array(buffer, offset);
  } finally {
    closeSync(handle);
  }
}

/**
 * A large allocation starts 16 bytes after a page boundary. An offset of 48 more bytes aligns the numbers to 64 bytes, as TensorFlow
 * requires to use the memory without a copy. Otherwise a large tensor would temporarily be in memory twice.
 */
const offset = 48;

function readHalf(handle: number, entry: TensorEntry, file: string): Float32Array {
  const all = new Float32Array(new ArrayBuffer(offset + 2 * entry.bytes), offset);
  const part = chunk / 2;
  for (let at = 0; at < all.length; at += part)
    readHalves(handle, entry, at, all.subarray(at, Math.min(all.length, at + part)), file);
  return all;
}

/** Halves as they are in the file, before they are widened. */
let halves = new Uint16Array(chunk / 2);

/** Read half-precision numbers from the one at `from` on into `into`. */
function readHalves(handle: number, entry: TensorEntry, from: number, into: Float32Array, file: string): void {
  const count = into.length;
  if (halves.length < count) halves = new Uint16Array(count);
  readOrThrow(handle, new Uint8Array(halves.buffer, 0, count * 2), entry.start + from * 2, file);
  widen(halves.subarray(0, count), entry.dtype as HalfDtype, into);
}

/** A floating-point tensor of an open file that is read a part at a time. */
export interface TensorParts {
  dtype: 'F32' | HalfDtype;
  /** `count` numbers from the one at `from` on, as they are stored; the next call overwrites them. */
  read(from: number, count: number): Float32Array | Uint16Array;
  close(): void;
}

/** @param most the largest part that will be read */
export function openParts(source: SafetensorsFile, name: string, most: number): TensorParts {
  const { dtype, start } = source.tensors.get(name)!;
  assert(dtype === 'F32' || dtype === 'F16' || dtype === 'BF16', 'parts are of floating-point tensors');
  const handle = openFile(source.file);
  const all = dtype === 'F32' ? new Float32Array(most) : new Uint16Array(most);
  const size = all.BYTES_PER_ELEMENT;
  return {
    dtype,
    read(from, count) {
      readOrThrow(handle, new Uint8Array(all.buffer, 0, count * size), start + from * size, source.file);
      return all.subarray(0, count);
    },
    close: () => closeSync(handle),
  };
}

type Numbers = Float32Array | Int32Array | Uint8Array;

/** Bytes of a tensor in a file. */
export const bytesOfTensor = ({ shape, dtype = 'F32' }: Pick<TensorToWrite, 'shape' | 'dtype'>): number =>
  shape.reduce((product, side) => product * side, 1) * bytesOf[dtype];

/** A tensor to write. `values` is called when its turn comes, so that not all tensors need be in memory at once. */
export interface TensorToWrite {
  name: string;
  shape: number[];
  /** Default F32. Must match the type of the values; those of half precision are given as bytes (`halfBytes`). */
  dtype?: Dtype;
  /** All numbers, or a function that gives one part of them after the other. */
  values(): Numbers | ((give: (part: Numbers) => void) => void);
}

/**
 * Write a safetensors file atomically.
 * @throws UserError if the file cannot be written
 */
export function writeSafetensors(file: string, tensors: readonly TensorToWrite[]): void {
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  let end = 0;
  for (const tensor of tensors) {
    const { name, shape, dtype = 'F32' } = tensor;
    const start = end;
    end += bytesOfTensor(tensor);
    header[name] = { dtype, shape, data_offsets: [start, end] };
  }
  const text = Buffer.from(JSON.stringify(header));
  const padded = Buffer.alloc(8 + Math.ceil(text.length / 8) * 8, ' ');
  padded.writeBigUInt64LE(BigInt(padded.length - 8));
  text.copy(padded, 8);
  writeFileAtomic(file, (handle) => {
    writeFully(handle, padded);
    for (const { values } of tensors) {
      const all = values();
      if (typeof all === 'function') all((part) => writeFully(handle, part));
      else writeFully(handle, all);
    }
  });
}

function readOrThrow(handle: number, into: Uint8Array, position: number, file: string): void {
  if (!readFully(handle, into, position)) throw broken(file, `ends before byte ${position + into.length}`);
}

function openFile(file: string): number {
  try {
    return openSync(file, 'r');
  } catch (error) {
    throw new UserError(`${file}: cannot be read (${(error as NodeJS.ErrnoException).code}). Check the path.`);
  }
}

function broken(file: string, what: string): UserError {
  return new UserError(`${file}: ${what}. The file is damaged or incomplete. Download it again.`);
}
