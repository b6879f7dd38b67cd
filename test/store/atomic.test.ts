import { spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { appendToFile, writeFileAtomic, writeFolderAtomic } from '../../src/store/atomic.js';
import { thisSystem } from '../../src/store/process-id.js';
import { mountSmallDisk } from './small-disk.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'moon-atomic-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const text = (...path: string[]) => readFileSync(join(root, ...path), 'utf8');

describe('a file', () => {
  test('is written whole from text, bytes or parts, with the folders it needs and nothing beside it', () => {
    const file = join(root, 'new', 'folder', 'file');
    writeFileAtomic(file, 'text');
    expect(text('new/folder/file')).toBe('text');
    writeFileAtomic(file, Uint8Array.of(104, 105));
    expect(text('new/folder/file')).toBe('hi');
    writeFileAtomic(file, (handle) => {
      for (const part of ['one', ' ', 'two']) writeSync(handle, part);
    });
    appendToFile(file, ' three');
    expect(text('new/folder/file')).toBe('one two three');
    expect(readdirSync(join(root, 'new', 'folder'))).toEqual(['file']);
  });

  test('that is a device is written into, and not replaced', { tags: ['linux'] }, () => {
    expect(() => writeFileAtomic('/dev/full', 'text')).toThrow(
      /^\/dev\/full: cannot be written \(the disk is full\)\. /,
    );
    writeFileAtomic('/dev/null', 'text');
    for (const device of ['/dev/full', '/dev/null']) expect(statSync(device).isCharacterDevice()).toBe(true);
  });

  test('stays as it was where writing fails, of the disk or of ours', () => {
    const file = join(root, 'file');
    writeFileAtomic(file, 'before');
    const fail = (error: Error) => () =>
      writeFileAtomic(
        file,
        (handle) => {
          writeSync(handle, 'half');
          throw error;
        },
        'Keep it elsewhere.',
      );
    expect(fail(new Error('a bug'))).toThrow(/^a bug$/);
    expect(fail(Object.assign(new Error('no'), { code: 'ENOSPC' }))).toThrow(
      /file: cannot be written \(the disk is full\)\. Keep it elsewhere\.$/,
    );
    expect(text('file')).toBe('before');
    expect(readdirSync(root)).toEqual(['file']);
    expect(() => writeFileAtomic(join(file, 'below'), '')).toThrow(/below: cannot be written \(E/);
  });

  test('takes the place of a link and does not follow it', () => {
    writeFileSync(join(root, 'victim'), 'mine');
    symlinkSync(join(root, 'victim'), join(root, 'link'));
    writeFileAtomic(join(root, 'link'), 'new');
    expect([text('victim'), text('link')]).toEqual(['mine', 'new']);
    expect(lstatSync(join(root, 'link')).isSymbolicLink()).toBe(false);
  });

  test('of which only a part finds room is an error, and the one before is whole', { tags: ['small-disk'] }, () => {
    const { folder, remove } = mountSmallDisk('1m');
    onTestFinished(remove);
    const file = join(folder, 'file');
    writeFileAtomic(file, 'before');
    expect(() => writeFileAtomic(file, Buffer.alloc(1_500_000))).toThrow(/the disk is full/);
    expect(readFileSync(file, 'utf8')).toBe('before');
    expect(readdirSync(folder)).toEqual(['file']);
  });
});

describe('a folder', () => {
  const fillWith = (content: string) => (aside: string) => writeFileSync(join(aside, 'file'), content);

  test('is filled aside, with what is below it, and takes the place of the one before', () => {
    const folder = join(root, 'new', 'folder');
    writeFolderAtomic(folder, fillWith('before'));
    writeFolderAtomic(folder, (aside) => {
      expect(text('new/folder/file')).toBe('before');
      mkdirSync(join(aside, 'below'));
      writeFileAtomic(join(aside, 'below', 'other'), 'after');
    });
    expect(readdirSync(join(root, 'new'), { recursive: true }).sort()).toEqual([
      'folder',
      join('folder', 'below'),
      join('folder', 'below', 'other'),
    ]);
  });

  test('stays as it was where filling fails, and the error names it and not its place aside', () => {
    const folder = join(root, 'folder');
    writeFolderAtomic(folder, fillWith('before'));
    const fail = (aside: string) => {
      writeFileSync(join(aside, 'file'), 'after');
      writeFileAtomic(join(aside, 'file', 'below'), '');
    };
    expect(() => writeFolderAtomic(folder, fail)).toThrow(/folder: cannot be written \(E\w+\)\. .*before are intact/);
    expect(text('folder', 'file')).toBe('before');
    expect(readdirSync(root)).toEqual(['folder']);
    writeFileSync(join(root, 'taken'), '');
    expect(() => writeFolderAtomic(join(root, 'taken'), fillWith(''))).toThrow(
      /taken: cannot be written \(a file is where a folder must be\)/,
    );
    expect(statSync(join(root, 'taken')).isFile()).toBe(true);
  });

  test('that another process filled first stays where it is good', () => {
    const folder = join(root, 'folder');
    writeFolderAtomic(folder, fillWith('first'));
    const isGood = () => text('folder', 'file') === 'first';
    writeFolderAtomic(folder, fillWith('second'), isGood);
    expect(text('folder', 'file')).toBe('first');
    writeFileSync(join(folder, 'file'), 'damaged');
    writeFolderAtomic(folder, fillWith('second'), isGood);
    expect(text('folder', 'file')).toBe('second');
    expect(readdirSync(root)).toEqual(['folder']);
  });

  test('loses what a killed process left beside it, and nothing else', () => {
    const ended = spawnSync(process.execPath, ['-e', '']).pid;
    const others = [`folder.${thisSystem()}-${process.ppid}.part`, `folder.01234567-${ended}.part`, 'folder.part'];
    for (const name of [`folder.${thisSystem()}-${ended}.part`, `folder.${thisSystem()}-${ended}.old`, ...others])
      mkdirSync(join(root, name, 'below'), { recursive: true });
    writeFolderAtomic(join(root, 'folder'), fillWith('new'));
    expect(readdirSync(root).sort()).toEqual(['folder', ...others].sort());
    expect(existsSync(join(root, 'folder', 'file'))).toBe(true);
  });
});
