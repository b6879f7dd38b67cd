import { existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { setAside } from '../../../src/train/run/set-aside.js';

test('a folder of runs keeps everything under another name, unless somebody writes into it', async () => {
  const out = join(mkdtempSync(join(tmpdir(), 'moon-aside-')), 'start');
  const make = () => {
    mkdirSync(join(out, 'seed-1'), { recursive: true });
    writeFileSync(join(out, 'seed-1', 'manifest.json'), '{}');
  };
  make();
  expect(await setAside(out)).toBe(`${out}.1`);
  expect(existsSync(out)).toBe(false);
  expect(readdirSync(`${out}.1`, { recursive: true }).sort()).toEqual(['seed-1', join('seed-1', 'manifest.json')]);
  make();
  writeFileSync(join(out, 'seed-1', 'lock'), String(process.ppid));
  await expect(setAside(out)).rejects.toThrow(/seed-1: process .* is writing to this folder/);
  expect(readdirSync(out)).toEqual(['seed-1']);
  writeFileSync(join(out, 'seed-1', 'lock'), '0');
  expect(await setAside(`${out}/`)).toBe(`${out}.2`);
});
