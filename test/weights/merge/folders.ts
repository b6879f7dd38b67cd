import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readHeader, readTensor, writeSafetensors } from '../../../src/store/safetensors.js';

export const fixtures = fileURLToPath(new URL('../../fixtures/', import.meta.url));
export const llama = join(fixtures, 'llama-folder');

/** A copy of a folder whose weights are changed, as if tuned. */
export function changedCopy(
  from: string,
  change: (name: string, values: Float32Array, shape: number[]) => Float32Array,
): string {
  const folder = mkdtempSync(join(tmpdir(), 'merge-'));
  cpSync(from, folder, { recursive: true });
  const source = readHeader(join(from, 'model.safetensors'));
  const tensors = [...source.tensors].map(([name, { shape }]) => {
    const values = change(name, readTensor(source, name) as Float32Array, shape);
    return { name, shape, values: () => values };
  });
  writeSafetensors(join(folder, 'model.safetensors'), tensors);
  return folder;
}

/** Numbers in [-0.5, 0.5) that make.py of fixtures/merge computes too. */
export function noise(seed: number, at: number): number {
  const value = Math.sin(seed * 12.9898 + (at % 99991) * 78.233) * 43758.5453;
  return value - Math.floor(value) - 0.5;
}

/** The llama of the fixtures, tuned as in make.py. */
export const tunedLlama = (seed: number): string =>
  changedCopy(llama, (_, values) => values.map((value, at) => value + 0.04 * noise(seed, at) ** 3));

/** All tensors of a folder's file. */
export function tensorsOf(folder: string, file = 'model.safetensors'): Map<string, Float32Array> {
  const source = readHeader(join(folder, file));
  return new Map([...source.tensors.keys()].map((name) => [name, readTensor(source, name) as Float32Array]));
}
