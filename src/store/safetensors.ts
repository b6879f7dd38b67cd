import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { UserError } from '../checks/error.js';
import { writeFileAtomic } from './atomic.js';
import { bitsOfHalf } from './half.js';

/** Number types of the format that we read, with their bytes. Numbers of 2 bytes become float32. */
const bytesOf = { F32: 4, F16: 2, BF16: 2, I32: 4, U8: 1 } as const;

export type Dtype = keyof typeof bytesOf;

/** Where one tensor stands in a file. */
export interface TensorEntry {
  dtype: Dtype;
  shape: number[];
  /** Bytes from the start of the file. */
  start: number;
  bytes: number;
}

export interface SafetensorsFile {
  file: string;
  tensors: Map<string, TensorEntry>;
  metadata: Record<string, string>;
}

/** The format's own limit: a larger header is refused before any memory is taken for it. */
const largestHeader = 100_000_000;

/**
 * Read and check the header of a safetensors file: every tensor lies inside the file and has the bytes that its shape needs.
 * @throws UserError for a truncated file, a header that cannot be, or an unknown number type
 */
export function readHeader(file: string): SafetensorsFile {
  const handle = openFile(file);
  try {
    const size = fstatSync(handle).size;
    if (size < 8) throw broken(file, `has ${size} bytes and no header`);
    const lengthBytes = Buffer.alloc(8);
    readFully(handle, lengthBytes, 0, file);
    const length = Number(lengthBytes.readBigUInt64LE());
    if (length > largestHeader || length + 8 > size)
      throw broken(file, `claims a header of ${length} bytes and has ${size} bytes in all`);
    const header = Buffer.alloc(length);
    readFully(handle, header, 8, file);
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
    if (!Object.hasOwn(bytesOf, dtype))
      throw new UserError(
        `${file}: ${name} has the number type ${dtype}, expected ${Object.keys(bytesOf).join(' | ')}. Convert the model to one of them.`,
      );
    if (!isSizes(shape) || !isSizes(offsets) || offsets.length !== 2) throw broken(file, `describes ${name} wrongly`);
    const bytes = shape.reduce((product, side) => product * side, 1) * bytesOf[dtype as Dtype];
    if (offsets[1] - offsets[0] !== bytes)
      throw broken(file, `gives ${name} ${offsets[1] - offsets[0]} bytes where its shape [${shape}] needs ${bytes}`);
    if (dataStart + offsets[1] > size)
      throw broken(file, `ends at ${size} bytes, inside ${name}, which ends at ${dataStart + offsets[1]}`);
    tensors.set(name, { dtype: dtype as Dtype, shape, start: dataStart + offsets[0], bytes });
  }
  return { file, tensors, metadata: metadata as Record<string, string> };
}

const isSizes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((each) => Number.isSafeInteger(each) && each >= 0);

/** Bytes that are converted at a time, so that a large tensor of 2-byte numbers is never held twice. */
const chunk = 4 << 20;

/** The values of one tensor, read straight into the array that is returned; F16 and BF16 as float32. */
export function readTensor(source: SafetensorsFile, name: string): Float32Array | Int32Array | Uint8Array {
  const entry = source.tensors.get(name);
  if (!entry) throw broken(source.file, `has no tensor ${name}`);
  const handle = openFile(source.file);
  try {
    if (entry.dtype === 'BF16' || entry.dtype === 'F16') return readHalf(handle, entry, source.file);
    const buffer = new ArrayBuffer(offset + entry.bytes);
    const bytes = new Uint8Array(buffer, offset);
    readFully(handle, bytes, entry.start, source.file);
    if (entry.dtype === 'U8') return bytes;
    return entry.dtype === 'F32' ? new Float32Array(buffer, offset) : new Int32Array(buffer, offset);
  } finally {
    closeSync(handle);
  }
}

/**
 * A large block of memory starts 16 bytes behind a page: 48 more, and its numbers stand on multiples of 64, as TensorFlow wants them
 * to use the memory as it is. Otherwise it makes a copy, and for a while a large tensor is held twice.
 */
const offset = 48;

function readHalf(handle: number, entry: TensorEntry, file: string): Float32Array {
  const buffer = new ArrayBuffer(offset + 2 * entry.bytes);
  const bits = new Uint32Array(buffer, offset);
  const widen = entry.dtype === 'BF16' ? (half: number) => half << 16 : bitsOfHalf;
  const part = new Uint16Array(Math.min(chunk, entry.bytes) / 2);
  for (let at = 0; at < bits.length; at += part.length) {
    const count = Math.min(part.length, bits.length - at);
    readFully(handle, new Uint8Array(part.buffer, 0, count * 2), entry.start + at * 2, file);
    for (let i = 0; i < count; i++) bits[at + i] = widen(part[i]);
  }
  return new Float32Array(buffer, offset);
}

/** A tensor to be written; `values` is called when its turn comes, so that all of them need not be held at once. */
export interface TensorToWrite {
  name: string;
  shape: number[];
  /** F32 where left out; it must be the type of the values. */
  dtype?: Dtype;
  values(): Float32Array | Int32Array | Uint8Array;
}

/** Write a safetensors file, whole or not at all. @throws UserError when it cannot be written */
export function writeSafetensors(file: string, tensors: TensorToWrite[]): void {
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  let end = 0;
  for (const { name, shape, dtype = 'F32' } of tensors) {
    const start = end;
    end += shape.reduce((product, side) => product * side, 1) * bytesOf[dtype];
    header[name] = { dtype, shape, data_offsets: [start, end] };
  }
  const text = Buffer.from(JSON.stringify(header));
  const padded = Buffer.alloc(8 + Math.ceil(text.length / 8) * 8, ' ');
  padded.writeBigUInt64LE(BigInt(padded.length - 8));
  text.copy(padded, 8);
  writeFileAtomic(file, (handle) => {
    writeFully(handle, padded);
    for (const { values } of tensors) {
      const array = values();
      writeFully(handle, new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
    }
  });
}

/** One read or write moves less than 2 GiB. */
const largestMove = 1 << 30;

function readFully(handle: number, into: Uint8Array, position: number, file: string): void {
  for (let done = 0; done < into.length; ) {
    const count = readSync(handle, into, done, Math.min(largestMove, into.length - done), position + done);
    if (!count) throw broken(file, `ends before byte ${position + into.length}`);
    done += count;
  }
}

function writeFully(handle: number, from: Uint8Array): void {
  for (let done = 0; done < from.length; )
    done += writeSync(handle, from, done, Math.min(largestMove, from.length - done));
}

function openFile(file: string): number {
  try {
    return openSync(file, 'r');
  } catch (error) {
    throw new UserError(`${file}: cannot be read (${(error as NodeJS.ErrnoException).code}). Check the path.`);
  }
}

function broken(file: string, what: string): UserError {
  return new UserError(`${file}: ${what}. The file is damaged or incomplete: download it again.`);
}
