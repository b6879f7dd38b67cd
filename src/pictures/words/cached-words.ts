import { join } from 'node:path';
import { imageHash } from '../../data/images/image-hash.js';
import type { HashOf } from '../../data/images/image-hashes.js';
import { type LineForm, openLineCache } from '../../store/line-cache.js';
import type { WordReader } from './word-reader.js';

/** A reader that remembers what it read, in a folder: one file an identity, the keys are the bytes of the images. */
export interface CachedWords {
  read: WordReader['read'];
  /** @throws UserError when the folder cannot be written */
  save(): Promise<void>;
}

export async function cachedWords(
  { read, identity }: WordReader,
  folder: string | undefined,
  hashOf: HashOf = imageHash,
): Promise<CachedWords> {
  if (!folder) return { read, save: async () => {} };
  const cache = await openLineCache(
    join(folder, `${identity}.jsonl`),
    form,
    'Free disk space, or use a writable folder.',
  );
  return {
    async read(source) {
      const key = await hashOf(source);
      const known = cache.get(key);
      if (known !== undefined) return known;
      const words = await read(source);
      cache.set(key, words);
      return words;
    },
    save: cache.save,
  };
}

/** `[hash, words]` */
const form: LineForm<string> = {
  parse: (json) => {
    const [hash, words] = json as unknown[];
    return typeof hash === 'string' && typeof words === 'string' ? [hash, words] : undefined;
  },
  show: (hash, words) => [hash, words],
};
