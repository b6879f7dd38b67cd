import { UserError } from '../../checks/error.js';
import type { MoonConfig } from '../../config/config.js';
import { dataHash } from '../../data/data-hash.js';
import type { Catalogue } from '../../data/types.js';
import { codeVersion } from '../../engine/compile/graph-cache.js';
import { describeEngine } from '../../engine/engine.js';
import { valueHash } from '../../store/content-hash.js';

/** All that the digits of a cell depend on; a finished cell of the same ground is never run again. The mode (compiled or not) is in the config. */
export interface Ground {
  config: MoonConfig;
  /** Hash of the data. */
  data: string;
  /** Hash of moon-lab's own code. */
  code: string;
  backend: string;
  tensorflow: string | null;
  threads: number;
}

/** What of the ground all cells of a study share. */
export type CommonGround = Omit<Ground, 'config'>;

/** @param threads of the process that will train */
export function commonGround(catalogue: Catalogue, threads: number): CommonGround {
  const { backend, tensorflow } = describeEngine();
  return { data: dataHash(catalogue), code: codeVersion(), backend, tensorflow, threads };
}

/** The parts by which two grounds differ. */
export function groundDifference(one: Ground, other: Ground): (keyof Ground)[] {
  const names = Object.keys(one) as (keyof Ground)[];
  return names.filter((name) => JSON.stringify(one[name]) !== JSON.stringify(other[name]));
}

/**
 * @param allow parts that may differ
 * @throws UserError when a cell would be trained on other ground than the one that it is filed under
 */
export function checkGround(filed: Ground, here: CommonGround, allow: readonly string[]): void {
  const other = groundDifference(filed, { config: filed.config, ...here }).filter((part) => !allow.includes(part));
  if (other.length)
    throw new UserError(
      `A trial is filed under another ${other.join(', ')} than this process has. Run the study's command again, or accept other digits with --allow ${other[0]}.`,
    );
}

/** What `allow` may name: parts of a cell's ground but the config, which is what a cell is, and those of a run that goes on. */
export const allowable = ['data', 'code', 'backend', 'tensorflow', 'threads', 'engine', 'flags', 'machine'];

/** Short and the same for the same ground. */
export function groundKey(ground: Ground): string {
  return valueHash(ground).slice(0, 12);
}
