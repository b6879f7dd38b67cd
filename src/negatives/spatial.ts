import { wrongOption } from '../checks/error.js';

/**
 * Spatial negatives (paper: items gathered from all workers). On one machine an update holds `groups` groups, each the batch of
 * one worker; 4 by default.
 * - `gathered`: items of the other groups are negatives too.
 * - `none`: the same items and the same updates, with negatives of the own group alone.
 */
export type SpatialOption = { kind: 'gathered'; groups?: number; weight?: number } | { kind: 'none'; groups?: number };

/** @throws UserError for a wrong option. */
export function checkSpatial(option: SpatialOption): void {
  if (option.kind !== 'gathered' && option.kind !== 'none')
    throw wrongOption('spatial.kind', (option as { kind: unknown }).kind, 'one of gathered | none');
  const groups = groupCount(option);
  if (!Number.isInteger(groups) || groups < 1)
    throw wrongOption('spatial.groups', groups, 'a whole number of at least 1');
}

/** Groups of an update. */
export function groupCount({ groups = 4 }: SpatialOption): number {
  return groups;
}

/** Group of each of `count` rows: as equal as can be, rows of one group beside each other. */
export function groupRows(count: number, groups: number): Int32Array {
  return Int32Array.from({ length: count }, (_, row) => Math.floor((row * groups) / count));
}
