import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import {
  checkOutputFile,
  checkOutputFolder,
  fileErrorText,
  refuseInside,
  withPath,
  writeOutput,
} from '../../src/cli/places.js';

const root = mkdtempSync(join(tmpdir(), 'moon-places-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const [data, file] = [join(root, 'data'), join(root, 'file')];
mkdirSync(join(data, 'images'), { recursive: true });
writeFileSync(file, '');

/** What a call says that fails. */
function said(call: () => void): string | undefined {
  try {
    call();
  } catch (error) {
    return fileErrorText(error);
  }
  return 'nothing failed';
}

describe('an error of the file system in one sentence, with its remedy', () => {
  test.each([
    [
      'a folder where a file is expected',
      () => writeOutput(data, 'x'),
      `${data} cannot be written or read (EISDIR): it is`,
    ],
    [
      'a file on the way',
      () => writeOutput(join(file, 'x/y'), ''),
      `${file}/x cannot be written or read (ENOTDIR): a part`,
    ],
    [
      'a file, a folder expected',
      () => writeOutput(join(file, 'x'), ''),
      `${file} cannot be written or read (EEXIST): it is`,
    ],
  ])('%s', (_, call, sentence) => expect(said(call)).toContain(sentence));

  test('a full disk', { tags: ['linux'] }, () => {
    expect(said(() => writeOutput('/dev/full', 'x'))).toMatch(
      /^\/dev\/full cannot be written or read \(ENOSPC\): the disk is full; free some space/,
    );
  });

  test('a full disk in a call that does not know the path', () => {
    const full = Object.assign(new Error('no space left'), { code: 'ENOSPC' });
    expect(fileErrorText(withPath(full, 'small'))).toMatch(/^small cannot be written or read \(ENOSPC\): the disk is/);
    expect(fileErrorText(withPath(new Error('a bug'), 'small'))).toBeUndefined();
  });

  // Root has no right there either.
  test('no rights', { tags: ['linux'] }, () => {
    expect(said(() => mkdirSync('/sys/moon'))).toMatch(
      /^\/sys\/moon cannot be written or read \((EPERM|EACCES)\): you have no permission; choose/,
    );
  });

  test('errors of ours keep their stack', () => {
    expect(fileErrorText(new Error('x'))).toBeUndefined();
    expect(said(() => writeFileSync(join(root, 'missing', 'x'), ''))).toBeUndefined();
    expect(fileErrorText(Object.assign(new Error('x'), { code: 'constructor' }))).toBeUndefined();
  });
});

describe('a place where nothing can be created is refused before any work, to root too', () => {
  test.each(['/proc/moon/x', '/sys/moon', '/dev/full/x', '/dev/full'])('%s', { tags: ['linux'] }, (place) => {
    for (const check of [checkOutputFolder, place === '/dev/full' ? checkOutputFolder : checkOutputFile])
      expect(() => check(place, '--out')).toThrow(/^--out: \/(proc|sys|dev\/full)[^\n]*(; choose [^\n]*)\.$/);
  });

  test('a place that can be written is left as it was', () => {
    checkOutputFolder(join(root, 'new/a'), '--out');
    checkOutputFile(join(root, 'new/b.html'), '--html');
    expect(readdirSync(root)).not.toContain('new');
  });
});

test('a folder without rights is refused before any work', () => {
  const locked = join(root, 'locked');
  mkdirSync(locked, { mode: 0o555 });
  chmodSync(root, 0o755);
  const child = fileURLToPath(new URL('rights-child.js', import.meta.url));
  const said: string[] = JSON.parse(execFileSync(process.execPath, [child, join(locked, 'a/b')], { encoding: 'utf8' }));
  for (const sentence of said) expect(sentence).toContain(`--out: ${locked} cannot be written or read (EACCES): you`);
  expect(said.length).toBe(2);
});

test('a folder is refused inside the data, however it is named, and nowhere else', () => {
  symlinkSync(data, join(root, 'link'));
  symlinkSync(join(data, 'images'), join(root, 'out'));
  for (const inside of [data, join(data, 'a/b'), join(root, 'link/a'), join(root, 'out'), join(root, 'x/../data/a')])
    expect(() => refuseInside(inside, data), inside).toThrow(
      /^--out: .* lies inside the data folder .*; choose a folder/,
    );
  expect(() => refuseInside(join(data, 'a'), join(root, 'link'))).toThrow('lies inside');
  for (const outside of [root, `${data}2`, join(root, 'runs/x')])
    expect(() => refuseInside(outside, data)).not.toThrow();
  expect(() => refuseInside(file, file, '--html')).toThrow(`--html: ${file} is the table of the data; choose another`);
  // A single table has no folder of its own, and data that is missing is refused elsewhere.
  expect(() => refuseInside(join(root, 'runs'), file)).not.toThrow();
  expect(() => refuseInside(join(root, 'runs'), join(root, 'nowhere'))).not.toThrow();
});
