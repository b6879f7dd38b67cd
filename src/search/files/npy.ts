import { closeSync, fstatSync, openSync } from 'node:fs';
import { UserError } from '../../checks/error.js';
import { writeFileAtomic } from '../../store/atomic.js';
import { widen } from '../../store/half.js';
import { readFully, writeFully } from '../../store/large-transfer.js';
import type { EmbeddingFormat } from './embedding-table.js';
import { readIds, writeIds } from './ids-beside.js';

/** numpy's names of the number types that are read, with their bytes. */
const bytesOf: Record<string, number> = { '<f2': 2, '<f4': 4, '<f8': 8 };

/**
 * numpy's file of one array (format 1.0 to 3.0, https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html): [rows, width], with
 * the ids of the rows in a file beside it.
 */
export const npy: EmbeddingFormat = {
  endings: ['.npy'],
  async read(path) {
    const { rows, width, vectors } = readArray(path);
    return { rows: { ids: readIds(path, rows), vectors, width, fields: {} }, notes: [] };
  },
  write(path, { count, width, parts }) {
    const all: string[] = [];
    writeFileAtomic(path, (handle) => {
      writeFully(handle, headerOf(count, width));
      for (const { ids, vectors } of parts()) {
        writeFully(handle, vectors);
        for (const id of ids) all.push(id);
      }
    });
    writeIds(path, all);
  },
};

function readArray(path: string): { rows: number; width: number; vectors: Float32Array } {
  const handle = openSync(path, 'r');
  try {
    const { size } = fstatSync(handle);
    const start = Buffer.alloc(Math.min(size, 12));
    readFully(handle, start, 0);
    if (start.length < 12 || start.toString('latin1', 0, 6) !== '\x93NUMPY')
      throw new UserError(`${path}: is not an array of numpy. Write it with numpy.save.`);
    const isLong = start[6] > 1;
    const length = isLong ? start.readUInt32LE(8) : start.readUInt16LE(8);
    const from = (isLong ? 12 : 10) + length;
    if (from > size) throw cutShort(path, size, from);
    const header = Buffer.alloc(length);
    readFully(handle, header, from - length);
    const [type, rows, width] = parseHeader(path, header.toString('latin1'));
    const bytes = Buffer.alloc(rows * width * bytesOf[type]);
    if (from + bytes.length > size) throw cutShort(path, size, from + bytes.length);
    if (!readFully(handle, bytes, from)) throw cutShort(path, fstatSync(handle).size, from + bytes.length);
    return { rows, width, vectors: numbersOf(type, bytes) };
  } finally {
    closeSync(handle);
  }
}

/** The type, rows and width in `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 128), }`. */
function parseHeader(path: string, text: string): [type: string, rows: number, width: number] {
  const type = /'descr':\s*'([^']*)'/.exec(text)?.[1] ?? 'nothing';
  const shape = /'shape':\s*\(([^)]*)\)/.exec(text)?.[1] ?? '';
  const sides = shape.split(',').flatMap((each) => (each.trim() ? [Number(each)] : []));
  if (!bytesOf[type])
    throw new UserError(
      `${path}: holds numbers of the type ${type}, expected ${Object.keys(bytesOf).join(' | ')}. Write it with numpy.save(file, array.astype('float32')).`,
    );
  if (/'fortran_order':\s*True/.test(text))
    throw new UserError(
      `${path}: is stored by columns. Write it with numpy.save(file, numpy.ascontiguousarray(array)).`,
    );
  if (sides.length !== 2 || !sides.every((side) => Number.isSafeInteger(side) && side >= 0))
    throw new UserError(`${path}: has the shape (${shape}), expected (rows, width).`);
  return [type, sides[0], sides[1]];
}

function numbersOf(type: string, bytes: Buffer): Float32Array {
  const { buffer, byteOffset, length } = bytes;
  if (type === '<f4') return new Float32Array(buffer, byteOffset, length / 4);
  if (type === '<f8') return Float32Array.from(new Float64Array(buffer, byteOffset, length / 8));
  const numbers = new Float32Array(length / 2);
  widen(new Uint16Array(buffer, byteOffset, length / 2), 'F16', numbers);
  return numbers;
}

/** A header of format 1.0, padded so that the numbers start at a multiple of 64 bytes, as numpy writes it. */
function headerOf(rows: number, width: number): Buffer {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${width}), }`;
  const total = Math.ceil((10 + text.length + 1) / 64) * 64;
  const header = Buffer.alloc(total, ' ', 'latin1');
  header.write('\x93NUMPY\x01\x00', 'latin1');
  header.writeUInt16LE(total - 10, 8);
  header.write(text, 10, 'latin1');
  header.write('\n', total - 1, 'latin1');
  return header;
}

const cutShort = (path: string, size: number, needed: number) =>
  new UserError(`${path}: has ${size} bytes, but its header needs ${needed}. The file is incomplete; write it again.`);
