import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { UserError } from '../../src/engine/check.js';

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

/** Measure both sides in turn, block after block, so that the machine's moods fall on both. Medians, and the spread of the ratios. */
export async function interleave(
  name: string,
  ours: () => number | Promise<number>,
  rival: Rival | undefined,
  { blocks = 5, unit }: { blocks?: number; unit: string },
) {
  await ours();
  if (rival) await rival.measure(name);
  const own: number[] = [];
  const other: number[] = [];
  for (let block = 0; block < blocks; block++) {
    own.push(await ours());
    if (rival) other.push(await rival.measure(name));
  }
  const ratios = other.map((value, at) => own[at] / value);
  return {
    name,
    ours: median(own),
    rival: rival ? median(other) : null,
    ratio: rival ? median(ratios) : null,
    ...(rival ? { spread: [Math.min(...ratios), Math.max(...ratios)] as [number, number] } : {}),
    unit,
  };
}
