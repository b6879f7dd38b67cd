import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { lockFolder, STALE } from '../../src/store/folder-lock.js';
import { thisProcess } from '../../src/store/process-id.js';
import { mountSmallDisk } from './small-disk.js';

let folder: string;
let lock: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'moon-lock-'));
  lock = join(folder, 'lock');
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

const token = 'f'.repeat(32);
/** A process of this machine that has ended. */
const dead = () => ({ ...thisProcess(), pid: spawnSync(process.execPath, ['-e', '']).pid, started: '' });
const elsewhere = () => ({ ...thisProcess(), host: 'lab-7', system: '01234567' });
const hold = (holder: object, secondsAgo = 0) => {
  writeFileSync(lock, JSON.stringify(holder));
  const then = new Date(Date.now() - secondsAgo * 1000);
  utimesSync(lock, then, then);
};

test("a folder is one holder's until it is released, and keeps no trace", async () => {
  const held = await lockFolder(folder);
  await expect(lockFolder(folder)).rejects.toThrow(
    `${folder}: process ${process.pid} is writing to this folder. Wait until it ends, or delete the file 'lock' in the folder.`,
  );
  held.check();
  held.release();
  expect(readdirSync(folder)).toEqual([]);
  (await lockFolder(folder)).release();
});

test('a folder that is not there, or whose lock is a link, is named', async () => {
  await expect(lockFolder(join(folder, 'none'))).rejects.toThrow(
    /none: cannot be written \(there is no such folder\)\. .*choose another folder/,
  );
  symlinkSync(join(folder, 'nowhere'), lock);
  await expect(lockFolder(folder)).rejects.toThrow(/cannot be written \(a file is a link\)/);
});

test('a folder on a full disk is named, and stays free', { tags: ['small-disk'] }, async () => {
  const { folder: small, remove } = mountSmallDisk('64k');
  onTestFinished(remove);
  expect(() => writeFileSync(join(small, 'filler'), Buffer.alloc(100_000))).toThrow('ENOSPC');
  await expect(lockFolder(small)).rejects.toThrow(/cannot be written \(the disk is full\)/);
  rmSync(join(small, 'filler'));
  (await lockFolder(small)).release();
  expect(readdirSync(small)).toEqual([]);
});

describe('a lock of this machine', () => {
  test("is taken over at once when its process has ended, or its number is another process's now", async () => {
    for (const holder of [dead(), { ...thisProcess(), started: '1' }]) {
      hold({ ...holder, token });
      (await lockFolder(folder)).release();
      expect(readdirSync(folder)).toEqual([]);
    }
  });

  test('is taken over where the process that took it over has ended on the way', async () => {
    hold({ ...dead(), token });
    writeFileSync(`${lock}.${token}`, JSON.stringify({ ...dead(), token: 'e'.repeat(32) }));
    (await lockFolder(folder)).release();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('of an earlier version, a bare number, is understood', async () => {
    writeFileSync(lock, String(process.ppid));
    await expect(lockFolder(folder)).rejects.toThrow(`process ${process.ppid} is writing to this folder.`);
    writeFileSync(lock, String(dead().pid));
    (await lockFolder(folder)).release();
  });
});

describe('a lock of another machine', () => {
  test('is refused by name while it shows signs of life', async () => {
    hold({ ...elsewhere(), pid: 12, token }, 30);
    await expect(lockFolder(folder)).rejects.toThrow(
      /process 12 on lab-7 is writing to this folder \(last active 3\d s ago\)\. Wait until/,
    );
    expect(readdirSync(folder)).toEqual(['lock']);
  });

  test('is taken over without one, whatever runs here under its number', async () => {
    hold({ ...elsewhere(), token }, STALE / 1000 + 5);
    const held = await lockFolder(folder);
    expect(JSON.parse(readFileSync(lock, 'utf8'))).toMatchObject(thisProcess());
    held.release();
  });

  test('that cannot be read is judged by its age, and its content leads nowhere', async () => {
    for (const content of ['', 'null', '{"host":', JSON.stringify({ ...elsewhere(), token: '../outside' })]) {
      writeFileSync(lock, content);
      const then = new Date(Date.now() - 5000);
      utimesSync(lock, then, then);
      await expect(lockFolder(folder)).rejects.toThrow(
        'another process is writing to this folder (last active 5 s ago)',
      );
      const long = new Date(Date.now() - STALE - 5000);
      utimesSync(lock, long, long);
      (await lockFolder(folder)).release();
      expect(readdirSync(folder)).toEqual([]);
    }
  });
});

test('a holder shows that it lives, and notices when it lost the folder', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const held = await lockFolder(folder);
  const age = () => Date.now() - statSync(lock).mtimeMs;
  const long = new Date(Date.now() - STALE);
  utimesSync(lock, long, long);
  vi.advanceTimersByTime(STALE / 2);
  expect(age()).toBeLessThan(STALE / 2);

  hold({ ...elsewhere(), token }, 60);
  vi.advanceTimersByTime(STALE / 2);
  expect(age()).toBeGreaterThan(50_000);
  expect(() => held.check()).toThrow(/another process took over this folder/);
  held.release();
  expect(existsSync(lock)).toBe(true);
});

test('of eight processes that find a dead holder in the same instant, one has the folder at a time', async () => {
  const processes = 8;
  const rounds = Array.from({ length: 12 }, (_, round) => join(folder, String(round)));
  const left = dead();
  for (const round of rounds) {
    mkdirSync(round);
    writeFileSync(join(round, 'lock'), JSON.stringify({ ...left, token }));
  }
  const entry = fileURLToPath(new URL('lock-child.js', import.meta.url));
  const children = Array.from({ length: processes }, () =>
    fork(entry, [rounds.join(), JSON.stringify(left)], { execArgv: [] }),
  );
  await Promise.all(children.map((child) => new Promise((resolve) => child.once('message', resolve))));
  const ends = children.map((child: ChildProcess) => new Promise((resolve) => child.once('exit', resolve)));
  for (const child of children) child.send(Date.now() + 100);
  expect(await Promise.all(ends)).toEqual(children.map(() => 0));
  for (const round of rounds) {
    const log = readFileSync(join(round, 'log'), 'utf8').trim().split('\n');
    expect(log.length).toBe(2 * processes);
    for (let at = 0; at < log.length; at += 2) {
      expect(log[at]).toMatch(/^enter/);
      expect(log[at + 1]).toBe(log[at].replace('enter', 'leave'));
    }
    expect(new Set(log).size).toBe(2 * processes);
    expect(readdirSync(round).sort()).toEqual(['lock', 'log']);
  }
});
