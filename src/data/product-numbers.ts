import { mergeGroups } from './merge-groups.js';

/**
 * Number the product ids in the given order. Negative masks compare these numbers, so that a product is never its own negative.
 * @param duplicates groups of ids that denote the same product (see `findDuplicates`); each group shares one number
 */
export function productNumbers(
  ids: readonly string[],
  duplicates: readonly (readonly string[])[] = [],
): Map<string, number> {
  const groupOf = new Map(mergeGroups(duplicates).flatMap((group) => group.map((id) => [id, group] as const)));
  const numberOfGroup = new Map<readonly string[], number>();
  const numbers = new Map<string, number>();
  let next = 0;
  for (const id of ids) {
    if (numbers.has(id)) continue;
    const group = groupOf.get(id);
    const number = (group && numberOfGroup.get(group)) ?? next++;
    if (group) numberOfGroup.set(group, number);
    numbers.set(id, number);
  }
  return numbers;
}
