import { join } from 'node:path';
import { imageHash } from '../data/images/image-hash.js';
import type { HashOf } from '../data/images/image-hashes.js';
import { type Detector, fallbacks, plausibleRegion, type Region, type Regions } from '../data/region.js';
import { isObject } from '../data/tables/json.js';
import { type LineForm, openLineCache } from '../store/line-cache.js';

/** A detector that caches its results. */
export interface CachedDetector extends Detector {
  /** Counts of cache hits and misses, and of damaged lines of the file, which were ignored. */
  counts(): { hits: number; misses: number; damaged: number };
  /**
   * Save new results, merged with those that other processes have saved since. If two processes save at the same instant, one of them loses
   * its results.
   */
  save(): Promise<void>;
}

/**
 * Cache a detector's results in a folder (a data folder's `.moon/regions`, or a run's), one file of JSON lines per identity. The keys are
 * the bytes of the image and the title, so a renamed image is found and a changed one is detected again. Without a folder or an identity,
 * nothing is cached.
 * @throws UserError from `save` when the folder cannot be written
 */
export async function cachedDetector(
  detector: Detector,
  folder: string | undefined,
  hashOf: HashOf = imageHash,
): Promise<CachedDetector> {
  const { identity } = detector;
  const counts = { hits: 0, misses: 0, damaged: 0 };
  if (!identity || !folder) return { ...detector, counts: () => counts, save: async () => {} };
  const file = join(folder, `${identity}.jsonl`);
  const answers = await openLineCache(file, form, 'Free disk space, or keep regions in a writable folder.');
  counts.damaged = answers.damaged;
  return {
    ...detector,
    async detect(image, title) {
      const key = JSON.stringify([await hashOf(image.source), title ?? null]);
      const known = answers.get(key);
      if (known) {
        counts.hits++;
        return known;
      }
      counts.misses++;
      const regions = await detector.detect(image, title);
      answers.set(key, regions);
      return regions;
    },
    counts: () => ({ ...counts }),
    save: answers.save,
  };
}

/** `{ "image": hash, "title": text or null, "regions": [{...}] }`. Files of earlier versions have a single `region`. */
const form: LineForm<Regions> = {
  parse(json) {
    const { image, title, region, regions = [region] } = json as Record<string, unknown>;
    return areRegions(regions) ? [JSON.stringify([image, title]), regions] : undefined;
  },
  show(key, regions) {
    const [image, title] = JSON.parse(key);
    return { image, title, regions };
  },
};

function areRegions(value: unknown): value is Regions {
  return Array.isArray(value) && value.length > 0 && value.every(isRegion);
}

function isRegion(value: unknown): value is Region {
  if (!isObject(value) || !isObject(value.box)) return false;
  const { box, score, source, fallback } = value as unknown as Region;
  return (
    [box.x1, box.y1, box.x2, box.y2, score].every(Number.isFinite) &&
    typeof source === 'string' &&
    !plausibleRegion(source, { box, score }).fallback &&
    (fallback === undefined || fallbacks.includes(fallback))
  );
}
