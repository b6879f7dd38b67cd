import { join } from 'node:path';
import { UserError } from '../../checks/error.js';
import type { ReadOptions } from '../../data/adapter.js';
import type { Reading } from '../../data/catalogue-builder.js';
import { groupBy } from '../../data/group-by.js';
import { mergeGroups } from '../../data/merge-groups.js';
import { applySplit, type StoredSplit, splitIds, writeSplit } from '../../data/splits.js';
import type { Catalogue, Split } from '../../data/types.js';
import { type DuplicateGroup, findDuplicates } from '../../pictures/duplicates.js';
import { writeFileAtomic } from '../../store/atomic.js';
import { readData } from '../open.js';
import { makeQueries } from './make-queries.js';
import { STUDY, type StudyFile, writeStudyFile } from './study-file.js';
import { studyNotebook } from './study-notebook.js';

/** What a new study would be: nothing is written yet. */
export interface StudyPlan {
  study: StudyFile;
  /** Undefined where the data have splits of their own. */
  split?: StoredSplit;
  reading: Reading;
  /** The catalogue as every command will see it. */
  catalogue: Catalogue;
  /** What the header does not say: a field, and the columns that may hold it. */
  unsure: { field: 'id' | 'title' | 'image'; columns: string[] }[];
  /** Settings that differ from the base, for `--config`. */
  config: Record<string, unknown>;
}

const FRACTIONS = { train: 0.8, dev: 0.1, val: 0.1 };
const SPLIT = 'split.json';

/**
 * Look at a catalogue and plan a study of it: the meaning of its columns, near-duplicates, a split by product in which they stay together, queries
 * where there are none, and a config that fits what is there.
 * @throws UserError for data without a product, or too few to hold some out
 */
export async function planStudy(data: string, options: ReadOptions & { seed: number }): Promise<StudyPlan> {
  const { seed, ...given } = options;
  const reading = await readData(data, given);
  const { products, pairs } = reading.catalogue;
  if (products.length < 10)
    throw new UserError(
      `data: ${JSON.stringify(data)} has ${products.length} product${products.length === 1 ? '' : 's'}; a study needs at least 10, to hold some out.`,
    );
  const groups = await findDuplicates(reading.catalogue);
  const duplicates = groups.flatMap(({ by, products: ids }) => (by === 'image' ? [ids] : []));
  const isOwn = pairs.some(({ query }) => !query.id.endsWith('/title'));
  const made = isOwn ? undefined : makeQueries(products, seed);
  const asked = { ...reading.catalogue, ...(made && { pairs: made.pairs, queriesFrom: made.from }) };
  const isSplit = pairs.some(({ split }) => split !== 'train');
  const split =
    isOwn && isSplit ? undefined : isSplit ? ownSplit(reading.catalogue, seed) : newSplit(asked, groups, seed);
  const withDuplicates = duplicates.length ? { ...asked, duplicates } : asked;
  const catalogue = split ? applySplit(withDuplicates, split) : withDuplicates;
  const study: StudyFile = {
    data,
    ...given,
    ...(reading.columns && { map: reading.columns }),
    queries: made ? 'made' : 'own',
    seed,
    ...(split && { split: SPLIT }),
    duplicates,
  };
  return { study, split, reading, catalogue, unsure: unsureFields(reading), config: configFor(catalogue) };
}

/** Write a study into its folder: study.json, split.json, config.json and a notebook. @returns their names */
export async function writeStudy(folder: string, { study, split, config }: StudyPlan): Promise<string[]> {
  const pictures = (config.vision as { kind?: string } | undefined)?.kind !== 'none';
  const json = (value: unknown) => `${JSON.stringify(value, null, 1)}\n`;
  writeStudyFile(folder, study);
  if (split) await writeSplit(join(folder, SPLIT), split);
  writeFileAtomic(join(folder, 'config.json'), json(config));
  writeFileAtomic(join(folder, 'study.ipynb'), json(studyNotebook({ pictures })));
  return [STUDY, ...(split ? [SPLIT] : []), 'config.json', 'study.ipynb'];
}

/** The splits that the data have themselves, of products. */
function ownSplit({ products, pairs }: Catalogue, seed: number): StoredSplit {
  const splitOf = new Map(pairs.map(({ product, split }) => [product, split]));
  const ids = groupBy(
    products.map(({ id }) => id),
    (id) => splitOf.get(id) ?? 'train',
  );
  return { by: 'product', seed, ids: Object.fromEntries(ids) };
}

/** A split in which products of one title or picture stay together, unless that leaves a part without queries. */
function newSplit(asked: Catalogue, groups: readonly DuplicateGroup[], seed: number): StoredSplit {
  const byImage = groups.filter(({ by }) => by === 'image');
  const splits = [groups, byImage, []].map((kept) =>
    splitIds(asked, {
      by: 'product',
      seed,
      fractions: FRACTIONS,
      together: mergeGroups(kept.map(({ products: ids }) => ids)),
    }),
  );
  const isWhole = (split: StoredSplit) => {
    const held = new Set(applySplit(asked, split).pairs.map((pair) => pair.split));
    return Object.keys(FRACTIONS).every((name) => held.has(name as Split));
  };
  return splits.find(isWhole) ?? splits[0];
}

function unsureFields({ columns, catalogue }: Reading): StudyPlan['unsure'] {
  if (!columns) return [];
  const left = [...columns.attributes, ...columns.ignored];
  const seesPictures = catalogue.products.some(({ images }) => images.length) || columns.image.length;
  return [
    ...(columns.id ? [] : [{ field: 'id' as const, columns: left }]),
    ...(columns.title ? [] : [{ field: 'title' as const, columns: left }]),
    ...(seesPictures ? [] : [{ field: 'image' as const, columns: left }]),
  ];
}

/** A small network on pictures and texts; on texts alone where fewer than half of the products have a picture. */
function configFor({ products }: Catalogue): Record<string, unknown> {
  const pictured = products.filter(({ images }) => images.length).length;
  const steps = { optimizer: { steps: 600 } };
  if (2 * pictured >= products.length) return { base: 'grocery', ...steps, vision: { whiteBalance: 0 } };
  return {
    base: 'grocery',
    ...steps,
    vision: { kind: 'none' },
    region: { kind: 'none' },
    sampler: { mix: { image: 0, text: 1, product: 0 } },
    captioning: { kind: 'none' },
  };
}
