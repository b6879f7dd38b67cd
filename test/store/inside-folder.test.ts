import { mkdirSync, realpathSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openFolder } from '../../src/store/inside-folder.js';
import { dataFolder } from '../data/data-folder.js';

/** `data/` with a file, links in and out, and a secret beside it. */
function world(): string {
  const top = dataFolder({
    'secret.jpg': 'secret',
    'data/a.jpg': 'a',
    'data/images/b.jpg': 'b',
    'elsewhere/c.jpg': 'c',
  });
  const data = join(top, 'data');
  symlinkSync(join(data, 'a.jpg'), join(data, 'images/link-in.jpg'));
  symlinkSync('../../secret.jpg', join(data, 'images/link-out.jpg'));
  symlinkSync(join(top, 'elsewhere'), join(data, 'folder-out'));
  symlinkSync('images', join(data, 'folder-in'));
  symlinkSync('nowhere', join(data, 'dangling'));
  symlinkSync('loop', join(data, 'loop'));
  symlinkSync('.', join(data, 'self'));
  return data;
}

describe('openFolder', () => {
  test('finds files inside, and says why for every other name', async () => {
    const data = world();
    const folder = await openFolder(data);
    const root = realpathSync(data);
    const find = async (name: string) => {
      const found = await folder.find(name);
      return 'path' in found ? folder.nameOf(found.path) : found.problem;
    };
    expect(folder.root).toBe(root);
    expect(await find('a.jpg')).toBe('a.jpg');
    expect(await find('./images/../a.jpg')).toBe('a.jpg');
    expect(await find(join(root, 'a.jpg'))).toBe('a.jpg');
    expect(await find('images/link-in.jpg')).toBe('a.jpg');
    expect(await find('folder-in/b.jpg')).toBe('folder-in/b.jpg');
    expect(await find('self/self/a.jpg')).toBe('self/self/a.jpg');
    for (const name of [
      '../secret.jpg',
      '../../etc/passwd',
      '/etc/passwd',
      'images/link-out.jpg',
      'folder-out/c.jpg',
      '..',
    ]) {
      expect(await find(name), name).toBe('outside-folder');
    }
    for (const name of ['no.jpg', 'no/no.jpg', 'dangling', 'loop', 'a.jpg\0.png', 'a.jpg/b.jpg']) {
      expect(await find(name), name).toBe('missing');
    }
    for (const name of ['images', '.', '', 'folder-in']) expect(await find(name), name).toBe('not-a-file');
  });

  test('a link as the data folder itself is followed', async () => {
    const data = world();
    symlinkSync(data, join(data, '../by-link'));
    const folder = await openFolder(join(data, '../by-link'));
    expect(await folder.find('a.jpg')).toEqual({ path: join(realpathSync(data), 'a.jpg') });
  });

  test('whatever the name: a found file is a plain file whose real path lies inside', async () => {
    const data = world();
    mkdirSync(join(data, 'deep/er'), { recursive: true });
    writeFileSync(join(data, 'deep/er/d.jpg'), 'd');
    const folder = await openFolder(data);
    const step = fc.constantFrom('..', '.', '', 'images', 'deep', 'er', 'self', 'folder-in', 'folder-out', 'data');
    const last = fc.constantFrom(
      'a.jpg',
      'b.jpg',
      'c.jpg',
      'd.jpg',
      'secret.jpg',
      'link-in.jpg',
      'link-out.jpg',
      'loop',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 5 }), last, async (steps, name) => {
        const found = await folder.find([...steps, name].join('/'));
        if (!('path' in found)) return;
        const real = realpathSync(found.path);
        expect(real.startsWith(folder.root + sep)).toBe(true);
        expect(statSync(real).isFile()).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test('a folder that is not there', async () => {
    await expect(openFolder(join(dataFolder({}), 'no'))).rejects.toThrow(/expected a folder that exists/);
  });
});
