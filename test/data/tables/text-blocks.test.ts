import { createWriteStream, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { textBlocks } from '../../../src/data/tables/text-blocks.js';
import { dataFolder } from '../data-folder.js';

async function readAll(file: string) {
  const notes: [string, number | undefined][] = [];
  const lines = new Map<number, string>();
  for await (const block of textBlocks(file, (kind, line) => notes.push([kind, line]))) {
    block.text.split('\n').forEach((text, index) => {
      if (text !== '') lines.set(block.line + index, text);
    });
  }
  return { lines, notes };
}

/** The slow obvious version: the whole file at once. */
function slowLines(bytes: Buffer): Map<number, string> {
  const lines = new Map<number, string>();
  const text = bytes.toString('utf8').replace(/^\ufeff/, '');
  text.split(/\r?\n/).forEach((line, index) => {
    if (line !== '') lines.set(index + 1, line.replaceAll('\r', ' '));
  });
  return lines;
}

describe('textBlocks', () => {
  test('any bytes: the same lines as reading the whole file at once', async () => {
    const folder = dataFolder({});
    const file = join(folder, 'any.txt');
    const part = fc.oneof(
      fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes)),
      fc.string().map(Buffer.from),
    );
    const ends = fc.constantFrom('\n', '\r\n', '\r', '').map((end) => Buffer.from(end));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(part, ends)), async (parts) => {
        const bytes = Buffer.concat(parts.flat());
        writeFileSync(file, bytes);
        expect((await readAll(file)).lines).toEqual(slowLines(bytes));
      }),
      { numRuns: 300 },
    );
  });

  test('characters of three bytes across the borders of what is read at once', async () => {
    const text = Array.from({ length: 40_000 }, (_, row) => `${row} 保温杯 不锈钢`).join('\n');
    const folder = dataFolder({ 'long.txt': text });
    const { lines, notes } = await readAll(join(folder, 'long.txt'));
    expect(notes).toEqual([]);
    expect([...lines.values()].join('\n')).toBe(text);
    expect(lines.get(39_999)).toBe('39998 保温杯 不锈钢');
  });

  test('a byte order mark, CRLF and bytes that are not UTF-8', async () => {
    const latin = Buffer.from('caf\xe9', 'latin1');
    const bytes = Buffer.concat([Buffer.from('\ufeffone\r\ntwo\n'), latin, Buffer.from('\nfour\r\n')]);
    const folder = dataFolder({ 'mixed.txt': bytes });
    const { lines, notes } = await readAll(join(folder, 'mixed.txt'));
    expect([...lines]).toEqual([
      [1, 'one'],
      [2, 'two'],
      [3, 'caf\ufffd'],
      [4, 'four'],
    ]);
    expect(notes).toEqual([['invalid-utf8', 3]]);
  });

  test('a line of 17 MiB is refused by its number, and the lines around it are read', async () => {
    const folder = dataFolder({});
    const file = join(folder, 'huge.txt');
    const stream = createWriteStream(file);
    stream.write('first\n');
    for (let part = 0; part < 17; part++) stream.write('x'.repeat(2 ** 20));
    stream.end('\nlast\n');
    await finished(stream);
    const { lines, notes } = await readAll(file);
    expect([...lines]).toEqual([
      [1, 'first'],
      [3, 'last'],
    ]);
    expect(notes).toEqual([['long-line', 2]]);
  });
});
