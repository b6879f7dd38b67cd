import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { UserError } from '../../checks/error.js';
import { longCall } from '../../engine/long-call.js';
import { settings } from '../../engine/settings.js';
import { writeFolderAtomic } from '../../store/atomic.js';
import { findDamage, writeChecksums } from '../../store/checksums.js';
import type { Embeddings } from '../embeddings.js';
import type { QueryVectors } from './vector-store.js';

/** An index of neighbours (HNSW, Malkov and Yashunin 2018, arXiv 1603.09320) of rows in memory. */
export interface ApproximateIndex {
  /** Rows near each query, about `k` of them. */
  candidates(queries: QueryVectors, k: number): Iterable<Int32Array>;
}

/** Neighbours of a row; rows looked at when one is added, and at least when one is searched: the usual 16 and 128. */
const config = { connectivity: 16, expansion_add: 128, expansion_search: 128, multi: false };
/** Rows offered beyond those wanted, since half precision may change the order of the last ones. */
const MORE = 16;
/** Rows added in one call. */
const PART = 10_000;
const [FILE, LIST] = ['index.usearch', 'checksums.json'];

/**
 * Build the index of neighbours of all rows with usearch; seconds for every 10,000 rows. The index keeps half precision: callers compute
 * similarities from the rows themselves.
 * @param folder where it is kept: read if it is there, and else written when it is built
 * @throws UserError where usearch has no build for this platform
 */
export async function approximateIndex({ vectors, width }: Embeddings, folder?: string): Promise<ApproximateIndex> {
  const { Index } = loadUsearch();
  const { threads } = settings;
  const made = { ...config, dimensions: width, metric: 'cos', quantization: 'bf16' };
  const index = new Index(made as ConstructorParameters<typeof Index>[0]);
  if (folder && existsSync(folder) && !findDamage(folder, LIST)) {
    index.load(join(folder, FILE));
  } else {
    await longCall(undefined, async ({ signal, show }) => {
      const total = vectors.length / width;
      for (let start = 0; start < total; start += PART) {
        const size = Math.min(PART, total - start);
        const keys = BigUint64Array.from({ length: size }, (_, at) => BigInt(start + at));
        index.add(keys, vectors.subarray(start * width, (start + size) * width), threads);
        show({ label: 'index of neighbours', done: start + size, total });
        await setImmediate();
        signal.throwIfAborted();
      }
    });
    if (folder)
      writeFolderAtomic(folder, (aside) => {
        index.save(join(aside, FILE));
        writeChecksums(aside, LIST);
      });
  }
  return {
    *candidates(queries, k) {
      for (let from = 0; from < queries.vectors.length; from += width) {
        const { keys } = index.search(queries.vectors.subarray(from, from + width), k + MORE, threads);
        yield Int32Array.from(keys, Number);
      }
    },
  };
}

/** Loaded when it is first needed: it is a binary, which not every platform has. */
function loadUsearch(): typeof import('usearch') {
  try {
    return createRequire(import.meta.url)('usearch');
  } catch {
    throw new UserError(
      `An approximate search needs the npm package usearch, which cannot be loaded on ${process.platform}-${process.arch}. Search with the method exact.`,
    );
  }
}
