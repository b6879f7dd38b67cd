import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { valueHash } from '../../src/store/content-hash.js';
import { openRecords } from '../../src/store/record-store.js';

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'moon-records-')), 'new');
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true }));

const keys = ['a', 'b', 'c'].map(valueHash);
const record = (first: number) => Uint8Array.of(first, 2, 3);

async function fill(...entries: [key: string, first: number][]): Promise<void> {
  const store = await openRecords(folder, 3);
  for (const [key, first] of entries) store.put(key, record(first));
  await store.save();
  await store.close();
}

async function read(size = 3): Promise<(number | undefined)[]> {
  const store = await openRecords(folder, size);
  const found = await Promise.all(keys.map((key) => store.get(key)));
  await store.close();
  return found.map((each) => each?.[0]);
}

test('what was put is there at once, and after it was saved in every later session', async () => {
  const store = await openRecords(folder, 3);
  expect(await store.get(keys[0])).toBeUndefined();
  store.put(keys[0], record(7));
  expect(await store.get(keys[0])).toEqual(record(7));
  await store.save();
  expect(await store.get(keys[0])).toEqual(record(7));
  await store.close();
  await fill([keys[1], 8]);
  expect(await read()).toEqual([7, 8, undefined]);
});

test('two that write at the same time both keep what they wrote; nothing new writes nothing', async () => {
  const [one, two] = [await openRecords(folder, 3), await openRecords(folder, 3)];
  one.put(keys[0], record(1));
  two.put(keys[1], record(2));
  two.put(keys[2], record(3));
  await Promise.all([one.save(), two.save()]);
  await Promise.all([one.close(), two.close()]);
  expect(await read()).toEqual([1, 2, 3]);
  await fill([keys[0], 1]);
  expect(readdirSync(folder).length).toBe(2);
});

test('a file that is cut off, of another size or of something else is left out and can be made anew', async () => {
  await fill([keys[0], 1], [keys[1], 2]);
  await fill([keys[2], 3]);
  expect(await read(4)).toEqual([undefined, undefined, undefined]);
  const [file] = readdirSync(folder).filter((name) => readFileSync(join(folder, name)).length > 80);
  truncateSync(join(folder, file), 70);
  writeFileSync(join(folder, 'other.bin'), 'no records');
  expect(await read()).toEqual([undefined, undefined, 3]);
  await fill([keys[0], 1], [keys[1], 2]);
  expect(await read()).toEqual([1, 2, 3]);
});

test('a folder that cannot be written is named', async () => {
  writeFileSync(folder, '');
  const store = await openRecords(folder, 3);
  store.put(keys[0], record(1));
  await expect(store.save()).rejects.toThrow(/new.*cannot be written \(E/);
});
