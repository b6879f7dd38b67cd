import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { makeRoom } from '../../src/store/cache-limit.js';
import { valueHash } from '../../src/store/content-hash.js';
import { keyIndex } from '../../src/store/key-index.js';
import { mountSmallDisk } from './small-disk.js';

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'moon-records-')), 'new');
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true }));

const keys = ['a', 'b', 'c'].map(valueHash);
const record = (first: number) => Uint8Array.of(first, 2, 3);

/** The store as another process sees it. */
async function another() {
  vi.resetModules();
  return (await import('../../src/store/record-store.js')).openRecords;
}

async function fill(...entries: [key: string, first: number][]): Promise<void> {
  const store = (await another())(folder, 3, 1);
  for (const [key, first] of entries) store.put(key, record(first), Uint8Array.of(first + 1));
  store.save();
}

async function read(size = 3): Promise<(number | undefined)[]> {
  const store = (await another())(folder, size, 1);
  return keys.map((key) => {
    const place = store.find(key);
    return place === undefined ? undefined : store.read(place)[0];
  });
}

test('what was put is there at once, and after it was saved in every later session, with its note', async () => {
  const store = (await another())(folder, 3, 1);
  expect(store.find(keys[0])).toBeUndefined();
  const place = store.put(keys[0], record(7), Uint8Array.of(8));
  for (const save of [() => {}, store.save]) {
    save();
    expect(store.find(keys[0])).toBe(place);
    expect(store.put(keys[0], record(9))).toBe(place);
    expect(store.read(place)).toEqual(record(7));
    expect([...store.noteOf(place)]).toEqual([8]);
  }
  await fill([keys[1], 8]);
  expect(await read()).toEqual([7, 8, undefined]);
  const later = (await another())(folder, 3, 1);
  expect(keys.slice(0, 2).map((key) => later.noteOf(later.find(key)!)[0])).toEqual([8, 9]);
});

test('two processes that write at the same time both keep what they wrote; nothing new writes nothing', async () => {
  const [one, two] = [(await another())(folder, 3, 1), (await another())(folder, 3, 1)];
  one.put(keys[0], record(1));
  two.put(keys[1], record(2));
  two.put(keys[2], record(3));
  one.save();
  two.save();
  expect(await read()).toEqual([1, 2, 3]);
  await fill([keys[0], 1]);
  expect(readdirSync(folder).length).toBe(2);
});

test('who opens a folder again in one process has its places, and finds what others wrote since', async () => {
  const open = await another();
  const store = open(folder, 3, 1);
  const place = store.put(keys[0], record(1));
  store.save();
  await fill([keys[1], 2]);
  const again = open(folder, 3, 1);
  expect(again.find(keys[0])).toBe(place);
  expect(again.read(again.find(keys[1])!)).toEqual(record(2));
});

test('records are written while they are put, so that an interrupted process loses one file at most', async () => {
  const size = 2 ** 23;
  const store = (await another())(folder, size);
  const places = Array.from({ length: 9 }, (_, at) => store.put(valueHash(at), new Uint8Array(size).fill(at)));
  expect(readdirSync(folder).length).toBe(2);
  expect(places.map((place) => store.read(place)[0])).toEqual(places.map((_, at) => at));
  const later = (await another())(folder, size);
  const found = places.map((_, at) => later.find(valueHash(at)));
  expect(found.map((place) => place !== undefined && later.read(place)[size - 1])).toEqual([
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    false,
  ]);
});

describe('a bad file', () => {
  test('that is cut off, of another size or of something else is left out and can be made anew', async () => {
    await fill([keys[0], 1], [keys[1], 2]);
    await fill([keys[2], 3]);
    expect(await read(4)).toEqual([undefined, undefined, undefined]);
    const [file] = readdirSync(folder).filter((name) => statSync(join(folder, name)).size > 60);
    truncateSync(join(folder, file), 60);
    writeFileSync(join(folder, 'other.bin'), 'no records');
    expect(await read()).toEqual([undefined, undefined, 3]);
    await fill([keys[0], 1], [keys[1], 2]);
    expect(await read()).toEqual([1, 2, 3]);
  });

  test('in which any one byte of header or table is another is left out; a record of other bytes is refused by name', async () => {
    await fill([keys[0], 1]);
    const [file] = readdirSync(folder).map((name) => join(folder, name));
    const bytes = readFileSync(file);
    for (let at = 0; at < bytes.length; at++) {
      const wrong = Buffer.from(bytes);
      wrong[at] ^= 1;
      writeFileSync(file, wrong);
      const isRecord = at >= bytes.length - 3;
      if (isRecord) await expect(read()).rejects.toThrow(`${file}: is damaged or cut short. Delete it and start again`);
      else expect((await read())[0]).toBeUndefined();
    }
  });

  test('that is cut or goes while it is in use is named in one sentence, and computed again by a next start', async () => {
    for (const harm of [(file: string) => truncateSync(file, 62), rmSync]) {
      const open = await another();
      const store = open(folder, 3, 1);
      const places = [0, 1].map((at) => store.put(keys[at], record(at)));
      store.save();
      harm(join(folder, readdirSync(folder)[0]));
      expect(() => store.read(places[1])).toThrow(UserErrorLike(/^\S+\.bin: .*\. Delete it and start again: [^.]*\.$/));
      const next = open(folder, 3, 1);
      expect(next.find(keys[1])).toBeUndefined();
      next.put(keys[1], record(5));
      next.save();
      expect(next.read(next.find(keys[1])!)).toEqual(record(5));
      rmSync(folder, { recursive: true });
    }
  });
});

/** Modules are read anew in these tests, so that classes differ. */
const UserErrorLike = (message: RegExp) =>
  expect.objectContaining({ name: 'UserError', message: expect.stringMatching(message) });

test('a folder that cannot be written is named', async () => {
  writeFileSync(folder, '');
  const store = (await another())(folder, 3);
  store.put(keys[0], record(1));
  expect(() => store.save()).toThrow(/new.*cannot be written \(/);
});

test('a disk that fills while records are written is named in one sentence; what was written stays, the rest follows once there is room', async (context) => {
  let disk: ReturnType<typeof mountSmallDisk>;
  try {
    disk = mountSmallDisk('256k');
  } catch {
    return context.skip();
  }
  try {
    const size = 100_000;
    const own = join(disk.folder, 'records');
    const put = async (from: number, to: number) => {
      const store = (await another())(own, size);
      for (let at = from; at < to; at++) store.put(valueHash(at), new Uint8Array(size).fill(at));
      return store;
    };
    (await put(0, 1)).save();
    const store = await put(1, 3);
    writeFileSync(join(disk.folder, 'ballast'), new Uint8Array(80_000));
    expect(store.save).toThrow(
      /records.*cannot be written \(the disk is full\)\. .*What was written before is kept\.$/,
    );
    const found = async () => {
      const later = (await another())(own, size);
      return [0, 1, 2].map((at) => later.find(valueHash(at)) !== undefined);
    };
    expect(await found()).toEqual([true, false, false]);
    rmSync(join(disk.folder, 'ballast'));
    const smaller = await put(1, 2);
    smaller.save();
    expect(await found()).toEqual([true, true, false]);
  } finally {
    disk.remove();
  }
});

describe('a limit', () => {
  const days = (count: number) => new Date(Date.now() - count * 24 * 3600 * 1000);
  async function folders() {
    const open = await another();
    const names = ['48', '64', '80'];
    for (const [at, name] of names.entries()) {
      const store = open(join(folder, name), 1000);
      store.put(valueHash(name), new Uint8Array(1000));
      store.save();
      for (const file of readdirSync(join(folder, name)))
        utimesSync(join(folder, name, file), days(3 - at), days(3 - at));
    }
    return () => names.filter((name) => readdirSync(join(folder, name)).length);
  }

  test('is kept by taking away what was not used for the longest time, and nothing else', async () => {
    const there = await folders();
    mkdirSync(join(folder, 'own'));
    writeFileSync(join(folder, 'own', 'photos.bin'), new Uint8Array(1000));
    utimesSync(join(folder, 'own', 'photos.bin'), days(9), days(9));
    makeRoom(join(folder, '80'), 100, 5000);
    expect(there()).toEqual(['48', '64', '80']);
    makeRoom(join(folder, '80'), 100, 3500);
    expect(there()).toEqual(['64', '80']);
    expect(readdirSync(join(folder, 'own'))).toEqual(['photos.bin']);
  });

  test('that what was used within a day exceeds is said in one sentence', async () => {
    const there = await folders();
    const store = (await another())(join(folder, '64'), 1000);
    store.find(valueHash('64'));
    expect(() => makeRoom(join(folder, '80'), 2000, 2500)).toThrow(
      /new: would take 0\.0 GB, more than the 0\.0 GB that it may\. Set MOON_CACHE_LIMIT/,
    );
    expect(there()).toEqual(['64']);
  });
});

test('the index of keys answers as a Map, also where the first four bytes are equal', () => {
  const hex = fc.tuple(fc.constantFrom(0, 1, 1024), fc.nat(40)).map(([start, rest]) => {
    const key = Buffer.alloc(16);
    key.writeUInt32LE(start, 0);
    key.writeUInt32LE(rest, 8);
    return key.toString('hex');
  });
  fc.assert(
    fc.property(fc.array(hex, { maxLength: 200 }), fc.nat(3000), (chosen, more) => {
      const all = [...chosen, ...Array.from({ length: more }, (_, at) => valueHash(at).slice(0, 32))];
      const kept: string[] = [];
      const plain = new Map<string, number>();
      const index = keyIndex((place, key) => kept[place] === key.toString('hex'));
      for (const key of all) {
        const bytes = Buffer.from(key, 'hex');
        expect(index.find(bytes)).toBe(plain.get(key));
        if (plain.has(key)) continue;
        plain.set(key, kept.push(key) - 1);
        index.add(bytes, kept.length - 1);
      }
      for (const [key, place] of plain) expect(index.find(Buffer.from(key, 'hex'))).toBe(place);
    }),
    { numRuns: 20 },
  );
});
