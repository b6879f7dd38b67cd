import { UserError, wrongOption } from '../../checks/error.js';
import { nearestName } from '../../checks/nearest-name.js';
import { unitVectors } from '../unit-embeddings.js';
import type { Condition, QueryVectors } from './vector-store.js';

/** The checks that every store makes before it searches. @throws UserError as `VectorStore.search` */
export async function checkSearch(
  store: { name: string; width: number | undefined; fields(): Promise<readonly string[]> },
  { vectors, width }: QueryVectors,
  k: number,
  where: readonly Condition[],
): Promise<void> {
  if (!(Number.isInteger(k) && k >= 1)) throw wrongOption('k', k, 'an integer of at least 1');
  if (store.width === undefined)
    throw new UserError(`${store.name}: holds no vectors. Load some with moon-lab index --to ${store.name}.`);
  checkWidth(store.name, store.width, width, 'the query');
  unitVectors(vectors, width, (row) => `the embedding of query ${row + 1}`);
  if (where.length) checkFields(store.name, where, await store.fields());
}

/** @param what whose vectors have the width `given` */
export function checkWidth(name: string, width: number, given: number, what: string): void {
  if (given !== width)
    throw new UserError(
      `${name}: holds vectors of width ${width}, and ${what} has width ${given}. Use the network that made them, or load vectors of this one.`,
    );
}

function checkFields(name: string, where: readonly Condition[], fields: readonly string[]): void {
  const unknown = where.find(({ field }) => !fields.includes(field));
  if (!unknown) return;
  throw wrongOption(
    'where',
    unknown.field,
    fields.length
      ? `a field of ${name}: ${fields.join(', ')}; the nearest is ${nearestName(unknown.field, fields)}`
      : `no condition, since the items of ${name} have no fields`,
  );
}

/** Whether a field holds levels, of which a condition may name the upper ones alone. */
export const isPath = (field: string): boolean => field === 'category';

/** Stands between the levels of a category. */
export const LEVEL = ' > ';

/** Whether a condition holds for the value of its field. */
export function holds({ field, value }: Condition, own: string | null | undefined): boolean {
  return own === value || (isPath(field) && (own?.startsWith(value + LEVEL) ?? false));
}

/** Remembers ids, and refuses one that comes again: an index holds one vector for each. */
export function idsOnce(): (ids: readonly string[]) => void {
  const seen = new Set<string>();
  return (ids) => {
    for (const id of ids) {
      if (seen.has(id)) throw new UserError(`${id}: comes twice, expected each id once. Leave one of its rows out.`);
      seen.add(id);
    }
  };
}
