import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { withSettings } from '../../../src/config/check-config.js';
import type { ImageSource } from '../../../src/data/types.js';
import { generateShop } from '../../../src/datasets/shop/shop.js';
import { sequenceOptions } from '../../../src/encoder/encoder.js';
import { startNetwork } from '../../../src/encoder/start-network.js';
import { onnxMetadata } from '../../../src/engine/onnx-metadata.js';
import { productSequence, querySequence } from '../../../src/moon/sequence.js';
import { loadPixels } from '../../../src/pictures/picture-store.js';
import { cachedWords } from '../../../src/pictures/words/cached-words.js';
import { openWordReader } from '../../../src/pictures/words/word-reader.js';
import { type LineForm, openLineCache } from '../../../src/store/line-cache.js';
import { networks } from '../../needs.js';
import { shopOptions, shortConfig } from '../../train/run/short-run.js';

const folder = mkdtempSync(join(tmpdir(), 'moon-words-'));

/** A label with lines of text. */
async function label(name: string, lines: readonly [text: string, x: number, y: number][]): Promise<ImageSource> {
  const texts = lines.map(
    ([text, x, y]) => `<text x="${x}" y="${y}" font-family="sans-serif" font-size="44">${text}</text>`,
  );
  const path = join(folder, `${name}.png`);
  await sharp(
    Buffer.from(
      `<svg xmlns="http://www.w3.org/2000/svg" width="480" height="240"><rect width="480" height="240" fill="#ffe"/>${texts.join('')}</svg>`,
    ),
  )
    .png()
    .toFile(path);
  return { kind: 'file', path };
}

describe('words on pictures', () => {
  const shop = generateShop(shopOptions);
  const [plain, labelled] = shop.products;
  const config = withSettings(shortConfig, { ocr: { kind: 'paddle', model: 'pp-ocr' } });

  test('are a segment of their own after the picture, and none where none are read', async () => {
    const encoder = startNetwork(config, shop);
    const requests = [plain, labelled].map(({ images: [image] }) => ({ image }));
    const pixels = await loadPixels(requests, { size: 16, read: async () => 'OAT milk' });
    const shown = ({ segments }: ReturnType<typeof productSequence>) => segments.map(({ aspect }) => aspect);
    const wordsOf = (image: { id: string }) =>
      image.id === labelled.images[0].id ? pixels.wordsOf(labelled.images[0]) : '';
    const read = sequenceOptions(encoder, { ...pixels, wordsOf });
    expect(shown(productSequence(labelled, read)).slice(0, 4)).toEqual(['image', 'crop', 'words', 'title']);
    expect(shown(productSequence(plain, read))).not.toContain('words');
    const photo = querySequence({ id: 'photo', image: labelled.images[0] }, read);
    expect(shown(photo)).toEqual(['image', 'crop', 'words']);
    expect(encoder.tokenizer.decode(photo.segments[2].ids).trim()).toBe('OAT milk');
    // They are part of the picture, and go with it.
    expect(shown(productSequence(labelled, { ...read, withhold: ['image'] }))).not.toContain('words');
    const off = sequenceOptions({ ...encoder, config: shortConfig }, { ...pixels, wordsOf });
    expect(shown(productSequence(labelled, off))).not.toContain('words');
    encoder.parameters.dispose();
  });

  test('are remembered by the bytes of a picture, whatever else the file holds', async () => {
    const [one, two] = [await label('one', [['a', 10, 60]]), await label('two', [['b', 10, 60]])];
    const asked: ImageSource[] = [];
    const reader = { identity: 'reader', read: async (source: ImageSource) => `words ${asked.push(source)}` };
    const first = await cachedWords(reader, folder);
    expect([await first.read(one), await first.read(one), await first.read(two)]).toEqual([
      'words 1',
      'words 1',
      'words 2',
    ]);
    await first.save();
    writeFileSync(join(folder, 'reader.jsonl'), '["cut', { flag: 'a' });
    const again = await cachedWords(reader, folder);
    expect([await again.read(two), asked.length]).toEqual(['words 2', 2]);
  });

  test('a folder without the networks is refused', async () => {
    await expect(openWordReader({ kind: 'paddle', model: folder })).rejects.toThrow(
      `ocr.model: ${folder} has no *_det*.onnx. Give a folder of PaddleOCR, or run npx moon-lab model get pp-ocr`,
    );
    writeFileSync(join(folder, 'x_det.onnx'), 'x');
    writeFileSync(join(folder, 'x_rec.onnx'), 'x');
    await expect(openWordReader({ kind: 'paddle', model: folder })).rejects.toThrow(/does not say its letters/);
  });

  test('the real PP-OCR reads a label line by line, and nothing where nothing is written', {
    tags: ['networks'],
  }, async () => {
    const { read } = await openWordReader({ kind: 'paddle', model: `${networks}/pp-ocr` });
    const words = await read(
      await label('milk', [
        ['HAVRE', 240, 80],
        ['Oat milk', 20, 82],
        ['organic 1 litre', 20, 180],
      ]),
    );
    expect(words).toBe('Oat milk HAVRE organic 1 litre');
    expect(await read(await label('empty', []))).toBe('');
  });
});

test('two writers of a line cache keep the values of both', async () => {
  const file = join(folder, 'lines.jsonl');
  const form: LineForm<number> = {
    parse: (json) => json as [string, number],
    show: (key, value) => [key, value],
  };
  const [a, b] = [await openLineCache(file, form, ''), await openLineCache(file, form, '')];
  a.set('a', 1);
  b.set('b', 2);
  await a.save();
  await b.save();
  const all = await openLineCache(file, form, '');
  expect([all.get('a'), all.get('b'), all.get('c')]).toEqual([1, 2, undefined]);
  const before = readdirSync(folder).length;
  await all.save();
  expect(readdirSync(folder).length).toBe(before);
});

test('metadata of an ONNX file, whatever fields stand before it', () => {
  const field = (number: number, bytes: Buffer) =>
    Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes]);
  const entry = (key: string, value: string) =>
    field(14, Buffer.concat([field(1, Buffer.from(key)), field(2, Buffer.from(value))]));
  const file = Buffer.concat([
    Buffer.from([1 << 3, 8]),
    field(2, Buffer.from('maker')),
    entry('other', 'x'),
    entry('character', 'aé\n好'),
  ]);
  expect(onnxMetadata(file, 'character')).toBe('aé\n好');
  expect(onnxMetadata(file, 'none')).toBeUndefined();
  expect(onnxMetadata(file.subarray(0, file.length - 3), 'none')).toBeUndefined();
  expect(onnxMetadata(Buffer.from('not a network'), 'character')).toBeUndefined();
});
