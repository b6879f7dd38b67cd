import { mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readHeader, readTensor, writeSafetensors } from '../../src/store/safetensors.js';
import { sameBits } from '../backbones/close.js';

const dir = mkdtempSync(join(tmpdir(), 'safetensors-'));
afterAll(() => rmSync(dir, { recursive: true }));

/** A file with this header and so many bytes of data. */
function write(name: string, header: object | string, data: Uint8Array = new Uint8Array(8)): string {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  const file = join(dir, name);
  writeFileSync(file, Buffer.concat([length, text, data]));
  return file;
}

describe('numbers of two bytes', () => {
  const all = Uint16Array.from({ length: 65536 }, (_, bits) => bits);
  const read = (dtype: string) => {
    const header = { x: { dtype, shape: [65536], data_offsets: [0, 131072] } };
    return readTensor(readHeader(write(`${dtype}.safetensors`, header, new Uint8Array(all.buffer))), 'x');
  };

  it('F16: all 65,536 are what their bits say', () => {
    const truth = (bits: number) => {
      const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
      const size =
        exponent === 31
          ? fraction
            ? Number.NaN
            : Number.POSITIVE_INFINITY
          : exponent === 0
            ? fraction * 2 ** -24
            : (1 + fraction / 1024) * 2 ** (exponent - 15);
      return bits & 0x8000 ? -size : size;
    };
    expect(Array.from(read('F16'))).toEqual(Array.from(all, truth));
  });

  it('BF16: all 65,536 are the upper halves of float32', () => {
    const upper = new Float32Array(Uint32Array.from(all, (bits) => bits * 65536).buffer);
    expect(Array.from(read('BF16'))).toEqual(Array.from(upper));
  });
});

it('reads what it wrote, of each type, a large one in parts', () => {
  const file = join(dir, 'written.safetensors');
  const [floats, ints, bytes] = [
    new Float32Array(3e6).map((_, i) => i / 7),
    new Int32Array([1, -2]),
    new Uint8Array([9]),
  ];
  const values = { floats, ints, bytes };
  const dtypes = { floats: 'F32', ints: 'I32', bytes: 'U8' } as const;
  const names = ['floats', 'ints', 'bytes'] as const;
  writeSafetensors(
    file,
    names.map((name) => ({
      name,
      dtype: dtypes[name],
      shape: [values[name].length],
      values: () => values[name],
    })),
  );
  const source = readHeader(file);
  for (const name of names) expect(sameBits(readTensor(source, name), values[name]), name).toBe(true);
  expect(source.metadata).toEqual({ format: 'pt' });
  expect(readdirSync(dir).filter((name) => name.endsWith('.partial'))).toEqual([]);
});

describe('refuses in one sentence', () => {
  const entry = { dtype: 'F32', shape: [2], data_offsets: [0, 8] };

  it('a header that claims 100 GB', () => {
    const file = join(dir, 'greedy.safetensors');
    const length = Buffer.alloc(16);
    length.writeBigUInt64LE(100_000_000_000n);
    writeFileSync(file, length);
    expect(() => readHeader(file)).toThrow(
      `${file}: claims a header of 100000000000 bytes but has 16 bytes in total. The file is damaged or incomplete. Download it again.`,
    );
  });

  it('a file cut off in its data, its header, or before it', () => {
    const file = write('cut.safetensors', { x: entry });
    truncateSync(file, 8 + JSON.stringify({ x: entry }).length + 4);
    expect(() => readHeader(file)).toThrow(/ends at \d+ bytes, inside x, which ends at \d+/);
    truncateSync(file, 20);
    expect(() => readHeader(file)).toThrow(/claims a header of \d+ bytes but has 20/);
    truncateSync(file, 3);
    expect(() => readHeader(file)).toThrow('has 3 bytes and no header');
  });

  it('an unknown number type, a wrong size, a header that is not JSON, a file that is not there', () => {
    const header = (changes: object) => write('wrong.safetensors', { x: { ...entry, ...changes } });
    expect(() => readHeader(header({ dtype: 'F3' }))).toThrow('x has the data type F3, expected F32 | F16');
    const whole = readHeader(header({ dtype: 'I64', shape: [1] }));
    expect([...whole.tensors.keys()]).toEqual(['x']);
    expect(() => readTensor(whole, 'x')).toThrow('x has the data type I64, expected F32 | F16');
    expect(() => readHeader(header({ shape: [3] }))).toThrow('stores 8 bytes for x, whose shape [3] needs 12');
    expect(() => readHeader(header({ shape: 'two' }))).toThrow('has an invalid entry for x');
    expect(() => readHeader(header({ data_offsets: [-8, 0] }))).toThrow('has an invalid entry for x');
    expect(() => readHeader(write('text.safetensors', 'hello'))).toThrow('has a header that is not JSON');
    expect(() => readHeader(join(dir, 'nothing'))).toThrow('cannot be read (ENOENT)');
  });
});
