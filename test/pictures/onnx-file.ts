import { writeFileSync } from 'node:fs';

/** Protocol buffers by hand: a message is its fields one after the other. */
type Field = [number: number, value: number | string | Uint8Array];

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(Math.floor(value / 128))];
}

function message(...fields: Field[]): Uint8Array {
  return Uint8Array.from(
    fields.flatMap(([number, value]) => {
      if (typeof value === 'number') return [...varint(number << 3), ...varint(value)];
      const bytes = typeof value === 'string' ? Buffer.from(value) : value;
      return [...varint((number << 3) | 2), ...varint(bytes.length), ...bytes];
    }),
  );
}

const FLOAT = 1;
const INT64 = 7;

function value(name: string, sizes: (number | string)[]): Uint8Array {
  const dims = sizes.map((size): Field => [1, message([typeof size === 'number' ? 1 : 2, size])]);
  return message([1, name], [2, message([1, message([1, FLOAT], [2, message(...dims)])])]);
}

function ints(name: string, values: number[]): Uint8Array {
  return message([1, name], ...values.map((each): Field => [8, each]), [20, 7]);
}

function integer(name: string, value: number): Uint8Array {
  return message([1, name], [3, value], [20, 2]);
}

function node(op: string, inputs: string[], output: string, attributes: Uint8Array[]): Uint8Array {
  return message(
    ...inputs.map((input): Field => [1, input]),
    [2, output],
    [4, op],
    ...attributes.map((each): Field => [5, each]),
  );
}

/**
 * Write the smallest image encoder: `pixel_values` [batch, 3, side, side] -> `last_hidden_state` [batch, grid * grid, 3], the mean
 * colour of every cell of a grid; with a class token the mean of all stands before them.
 */
export function writeEncoder(file: string, side: number, grid: number, { classToken = false } = {}): void {
  const cell = side / grid;
  const shape = new Uint8Array(new BigInt64Array([0n, 3n, -1n]).buffer);
  const sizes = [ints('kernel_shape', [cell, cell]), ints('strides', [cell, cell])];
  const nodes = [
    node('AveragePool', ['pixel_values'], 'cells', sizes),
    node('Reshape', ['cells', 'flat'], 'columns', []),
    node('GlobalAveragePool', ['pixel_values'], 'mean', []),
    node('Reshape', ['mean', 'flat'], 'first', []),
    node('Concat', classToken ? ['first', 'columns'] : ['columns'], 'all', [integer('axis', 2)]),
    node('Transpose', ['all'], 'last_hidden_state', [ints('perm', [0, 2, 1])]),
  ];
  const graph = message(
    ...nodes.map((each): Field => [1, each]),
    [2, 'mean colours'],
    [5, message([1, 3], [2, INT64], [8, 'flat'], [9, shape])],
    [11, value('pixel_values', ['batch', 3, side, side])],
    [12, value('last_hidden_state', ['batch', grid * grid + Number(classToken), 3])],
  );
  writeFileSync(file, message([1, 8], [7, graph], [8, message([2, 13])]));
}
