import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isObject } from '../data/tables/json.js';
import { writeFileAtomic } from '../store/atomic.js';
import type { MapQuality } from './map-quality.js';

/** Increase this if the same options give another layout. */
const VERSION = 2;

export interface CachedLayout extends MapQuality {
  coordinates: Float32Array;
}

/** The cache key of a layout: a hash of the embeddings and of all options that affect the map. */
export function layoutKey(embeddings: Float32Array, shape: Record<string, number>): string {
  return createHash('sha256')
    .update(JSON.stringify({ VERSION, ...shape }))
    .update(new Uint8Array(embeddings.buffer, embeddings.byteOffset, embeddings.byteLength))
    .digest('hex')
    .slice(0, 32);
}

/** Read a cached layout with this number of values; undefined if there is none or it is damaged. */
export async function readLayout(folder: string, key: string, numbers: number): Promise<CachedLayout | undefined> {
  try {
    const kept: unknown = JSON.parse(await readFile(join(folder, `${key}.json`), 'utf8'));
    if (!isObject(kept) || typeof kept.coordinates !== 'string') return undefined;
    const coordinates = new Float32Array(new Uint8Array(Buffer.from(kept.coordinates, 'base64')).buffer);
    const { trustworthiness, overlap, checked } = kept as unknown as MapQuality;
    const isComplete = coordinates.length === numbers && [trustworthiness, overlap, checked].every(Number.isFinite);
    return isComplete ? { coordinates, trustworthiness, overlap, checked } : undefined;
  } catch {
    return undefined;
  }
}

/** Cache a layout. If the folder cannot be written, the map is computed again next time. */
export function cacheLayout(folder: string, key: string, layout: CachedLayout): void {
  const { coordinates, trustworthiness, overlap, checked } = layout;
  const bytes = Buffer.from(coordinates.buffer, coordinates.byteOffset, coordinates.byteLength);
  try {
    const text = JSON.stringify({ trustworthiness, overlap, checked, coordinates: bytes.toString('base64') });
    writeFileAtomic(join(folder, `${key}.json`), text);
  } catch {}
}
