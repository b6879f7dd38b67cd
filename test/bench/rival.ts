import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { UserError } from '../../src/checks/error.js';
import type { BenchRow } from './table.js';

/** A rival in a process of its own, warm, that is asked to run one named measurement at a time. */
export interface Rival {
  /** What the script printed first: names and versions. */
  about: string;
  /** Runs the named measurement once; its result in the unit that the script documents. */
  measure(name: string): Promise<number>;
  stop(): void;
}

/**
 * Start a Python script that prints one line about itself and then answers every line on its input with one number.
 * @throws UserError when it does not start, with the last lines that it printed.
 */
export async function startRival(python: string, script: URL): Promise<Rival> {
  const child = spawn(python, ['-u', script.pathname], { stdio: ['pipe', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors = (errors + chunk).slice(-2000);
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done)
      throw new UserError(`--python ${python}: the rival ended: ${errors.trim().split('\n').slice(-3).join(' | ')}`);
    return value as string;
  };
  child.on('error', (error) => {
    errors += error.message;
  });
  const about = await next();
  return {
    about,
    measure: async (name) => {
      child.stdin.write(`${name}\n`);
      return Number(await next());
    },
    stop: () => child.kill(),
  };
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
};

/** Something that is measured: one call is one measurement. */
export type Side = () => number | Promise<number>;

/** Measure sides in turn, block after block, so that the machine's moods fall on all of them. Each is called once before, unmeasured. */
export async function measureInTurn<Name extends string>(
  sides: Record<Name, Side>,
  blocks = 5,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(sides) as Name[];
  for (const name of names) await sides[name]();
  const measured = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let block = 0; block < blocks; block++) for (const name of names) measured[name].push(await sides[name]());
  return measured;
}

/** Medians of both, and of the ratios block by block, with their spread. */
export function ratioRow(
  name: string,
  own: readonly number[],
  other: readonly number[] | undefined,
  unit: string,
): BenchRow {
  if (!other) return { name, ours: median(own), rival: null, ratio: null, unit };
  const ratios = own.map((value, at) => value / other[at]);
  const spread: [number, number] = [Math.min(...ratios), Math.max(...ratios)];
  return { name, ours: median(own), rival: median(other), ratio: median(ratios), spread, unit };
}

/** Ours and the rival in turn as one row. */
export async function interleave(
  name: string,
  ours: Side,
  rival: Rival | undefined,
  { blocks = 5, unit }: { blocks?: number; unit: string },
): Promise<BenchRow> {
  if (!rival) return ratioRow(name, (await measureInTurn({ ours }, blocks)).ours, undefined, unit);
  const measured = await measureInTurn({ ours, rival: () => rival.measure(name) }, blocks);
  return ratioRow(name, measured.ours, measured.rival, unit);
}
