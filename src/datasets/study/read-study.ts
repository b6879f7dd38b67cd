import type { ReadOptions } from '../../data/adapter.js';
import type { Reading } from '../../data/catalogue-builder.js';
import { applySplit, readSplit } from '../../data/splits.js';
import { makeQueries } from './make-queries.js';
import { readStudyFile } from './study-file.js';

/**
 * Read the catalogue of a study: its products by the study's mapping, the queries that it has or that are made, its splits and duplicates.
 * @param read reads a folder or table
 */
export async function readStudy(
  file: string,
  read: (path: string, options: ReadOptions) => Promise<Reading>,
): Promise<Reading> {
  const { data, map, encoding, follow, queries, seed, split, duplicates } = readStudyFile(file);
  const reading = await read(data, { map, encoding, follow });
  const own = reading.catalogue;
  const made = queries === 'made' ? makeQueries(own.products, seed) : undefined;
  const catalogue = {
    ...own,
    ...(made && { pairs: made.pairs, queriesFrom: made.from }),
    ...(duplicates.length && { duplicates: [...(own.duplicates ?? []), ...duplicates] }),
  };
  return { ...reading, catalogue: split ? applySplit(catalogue, await readSplit(split)) : catalogue };
}
