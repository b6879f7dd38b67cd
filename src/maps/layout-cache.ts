import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isObject } from '../data/tables/json.js';
import { writeFileAtomic } from '../store/atomic.js';
import type { MapQuality } from './map-quality.js';

/** Raised when a layout of the same options comes out otherwise. */
const VERSION = 2;

export interface KeptLayout extends MapQuality {
  coordinates: Float32Array;
}

/** The name of a layout: the bytes of the embeddings and all that shapes the map. */
export function layoutKey(embeddings: Float32Array, shape: Record<string, number>): string {
  return createHash('sha256')
    .update(JSON.stringify({ VERSION, ...shape }))
    .update(new Uint8Array(embeddings.buffer, embeddings.byteOffset, embeddings.byteLength))
    .digest('hex')
    .slice(0, 32);
}

/** What was kept under this name with so many numbers; nothing where there is none or it is damaged. */
export async function readLayout(folder: string, key: string, numbers: number): Promise<KeptLayout | undefined> {
  try {
    const kept: unknown = JSON.parse(await readFile(join(folder, `${key}.json`), 'utf8'));
    if (!isObject(kept) || typeof kept.coordinates !== 'string') return undefined;
    const coordinates = new Float32Array(new Uint8Array(Buffer.from(kept.coordinates, 'base64')).buffer);
    const { trustworthiness, overlap, checked } = kept as unknown as MapQuality;
    const whole = coordinates.length === numbers && [trustworthiness, overlap, checked].every(Number.isFinite);
    return whole ? { coordinates, trustworthiness, overlap, checked } : undefined;
  } catch {
    return undefined;
  }
}

/** Keep a layout. Where the folder cannot be written nothing is kept: the map is drawn anew next time. */
export function keepLayout(folder: string, key: string, layout: KeptLayout): void {
  const { coordinates, trustworthiness, overlap, checked } = layout;
  const bytes = Buffer.from(coordinates.buffer, coordinates.byteOffset, coordinates.byteLength);
  try {
    const text = JSON.stringify({ trustworthiness, overlap, checked, coordinates: bytes.toString('base64') });
    writeFileAtomic(join(folder, `${key}.json`), text);
  } catch {}
}
