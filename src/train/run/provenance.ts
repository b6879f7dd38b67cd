import { UserError, wrongOption } from '../../checks/error.js';
import type { MoonConfig } from '../../config/config.js';
import { dataHash } from '../../data/data-hash.js';
import type { Catalogue } from '../../data/types.js';
import { codeVersion } from '../../engine/compile/graph-cache.js';
import { describeEngine } from '../../engine/engine.js';

/** Everything that the results of a run depend on, bit for bit. Whether it is compiled is part of the config. */
export interface Provenance {
  config: MoonConfig;
  /** Hash of the data. */
  data: string;
  backend: string;
  /** Version of TensorFlow; null for another engine. */
  tensorflow: string | null;
  threads: number;
  /** Environment variables that TensorFlow reads (`tensorflowFlags`). */
  flags: Record<string, string>;
  /** Model of the processor. */
  machine: string;
  /** Hash of moon-lab's code. */
  code: string;
}

/** A part of the provenance. `--allow` uses these names. */
export type Part = keyof Provenance;

const parts: Part[] = ['config', 'data', 'backend', 'tensorflow', 'threads', 'flags', 'machine', 'code'];

/** The parts of the provenance that all trials of a study share. The machines of a cluster may differ. */
export type StudyProvenance = Pick<Provenance, 'data' | 'code' | 'backend' | 'tensorflow' | 'threads'>;

/** @param threads number of threads of the process that will train */
export function studyProvenance(catalogue: Catalogue, threads: number): StudyProvenance {
  const { backend, tensorflow } = describeEngine();
  return { data: dataHash(catalogue), code: codeVersion(), backend, tensorflow, threads };
}

/**
 * Check the names given to `--allow`.
 * @throws UserError for a name that is not a part of the provenance, or is one of `except`
 */
export function checkAllowed(allow: readonly string[], except: readonly Part[] = []): void {
  const known = parts.filter((part) => !except.includes(part));
  for (const name of allow)
    if (!known.some((part) => part === name)) throw wrongOption('--allow', name, known.join(' | '));
}

/** A difference between provenances: the part, what differs (for a flag its name), and both values if they are short. */
export interface ProvenanceDifference {
  part: Part;
  what: string;
  values: string;
}

/**
 * The first part in which two provenances differ; undefined if results reproduce bit for bit.
 * @param allow parts that may differ
 * @param words when or where each of the two is
 */
export function provenanceDifference(
  was: Partial<Provenance>,
  now: Partial<Provenance>,
  allow: readonly string[] = [],
  words: readonly [string, string] = ['then', 'now'],
): ProvenanceDifference | undefined {
  for (const part of parts.filter((each) => !allow.includes(each))) {
    if (part === 'flags') {
      const flag = Object.keys({ ...was.flags, ...now.flags }).find((name) => was.flags?.[name] !== now.flags?.[name]);
      if (flag) return { part, what: flag, values: shown(was.flags?.[flag], now.flags?.[flag], words) };
    } else if (JSON.stringify(was[part]) !== JSON.stringify(now[part]))
      return { part, what: part, values: shown(was[part], now[part], words) };
  }
  return undefined;
}

function shown(was: unknown, now: unknown, [then, later]: readonly [string, string]): string {
  const [before, after] = [was, now].map((value) => JSON.stringify(value) ?? 'not set');
  return before.length + after.length < 200 ? ` (${before} ${then}, ${after} ${later})` : '';
}

/**
 * Refuse to continue if results would not reproduce bit for bit.
 * @param allow parts that may differ
 * @param cannot a clause that says what is impossible: `The run cannot resume bit for bit`
 * @param remedy a clause: `Restore it`
 * @throws UserError with the first difference and how to accept it
 */
export function checkProvenance(
  was: Partial<Provenance>,
  now: Partial<Provenance>,
  { allow, cannot, remedy }: { allow: readonly string[]; cannot: string; remedy: string },
): void {
  const difference = provenanceDifference(was, now, allow);
  if (!difference) return;
  const { part, what, values } = difference;
  throw new UserError(
    `${cannot}: ${what} differs${values}. ${remedy}, or accept different results with --allow ${part}.`,
  );
}
