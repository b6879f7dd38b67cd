import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { imageHash } from '../data/images/image-hash.js';
import { believable, type Detector, fallbacks, type Region, type Regions } from '../data/region.js';
import { isObject } from '../data/tables/json.js';
import { writeFileAtomic } from '../store/atomic.js';

/** A detector that remembers. */
export interface CachedDetector extends Detector {
  /** `damaged` lines of the file were left out. */
  counts(): { hits: number; misses: number; damaged: number };
  /** Write what was learned, beside what others wrote since. Of two that write in the same instant one has to look its answers up anew. */
  save(): Promise<void>;
}

/**
 * Keep a detector's answers in a folder (a data folder's `.moon/regions`, or a run's), one file of JSON lines for each identity, by
 * the bytes of the image and the title: a renamed image is found again, a changed one is looked at anew. A detector without an
 * identity, or no folder, answers every time.
 * @throws UserError from `save` when the folder cannot be written
 */
export async function cachedDetector(detector: Detector, folder: string | undefined): Promise<CachedDetector> {
  const { identity } = detector;
  const counts = { hits: 0, misses: 0, damaged: 0 };
  if (!identity || !folder) return { ...detector, counts: () => counts, save: async () => {} };
  const file = join(folder, `${identity}.jsonl`);
  const { answers, damaged } = await readAnswers(file);
  counts.damaged = damaged;
  return {
    ...detector,
    async detect(image, title) {
      const key = JSON.stringify([await imageHash(image.source), title ?? null]);
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
    async save() {
      if (counts.misses === 0) return;
      writeAnswers(file, new Map([...(await readAnswers(file)).answers, ...answers]));
    },
  };
}

/** One line an answer: `{ "image": hash, "title": text or null, "regions": [{...}] }`; the files of earlier versions hold one `region`. */
async function readAnswers(file: string): Promise<{ answers: Map<string, Regions>; damaged: number }> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const lines = text.split('\n').filter(Boolean);
  const answers = new Map<string, Regions>();
  for (const line of lines) {
    const entry = parseLine(line);
    if (entry) answers.set(...entry);
  }
  return { answers, damaged: lines.length - answers.size };
}

function parseLine(line: string): [key: string, regions: Regions] | undefined {
  try {
    const { image, title, region, regions = [region] } = JSON.parse(line);
    return areRegions(regions) ? [JSON.stringify([image, title]), regions] : undefined;
  } catch {
    return undefined;
  }
}

function areRegions(value: unknown): value is Regions {
  return Array.isArray(value) && value.length > 0 && value.every(isRegion);
}

function isRegion(value: unknown): value is Region {
  if (!isObject(value) || !isObject(value.box)) return false;
  const { box, score, source, fallback } = value as unknown as Region;
  return (
    [box.x1, box.y1, box.x2, box.y2, score].every(Number.isFinite) &&
    typeof source === 'string' &&
    !believable(source, { box, score }).fallback &&
    (fallback === undefined || fallbacks.includes(fallback))
  );
}

function writeAnswers(file: string, answers: ReadonlyMap<string, Regions>): void {
  const lines = [...answers].map(([key, regions]) => {
    const [image, title] = JSON.parse(key);
    return `${JSON.stringify({ image, title, regions })}\n`;
  });
  writeFileAtomic(file, lines.join(''), 'Make room, or keep regions where you may write.');
}
