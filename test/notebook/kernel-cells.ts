import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

const kernel = fileURLToPath(new URL('answer.js', import.meta.url));

/** In `inspect` and `complete` a bar stands for the cursor. */
export type KernelRequest = { execute: string } | { inspect: string } | { complete: string };

export interface KernelAnswer {
  /** Of a cell. */
  status: 'ok' | 'error';
  outputs: { stream?: string; text?: string; plain?: string; html?: number; id?: string; update?: boolean }[];
  /** Of a hover. */
  data: Record<string, string>;
  /** Of a completion. */
  matches: string[];
}

/** The answers of one fresh kernel, in order. */
export function askKernel(requests: KernelRequest[]): KernelAnswer[] {
  const command = [process.execPath, kernel, JSON.stringify(requests)];
  const shell = '"$@" 3>&1 >&2'; // the answer on a pipe of its own: tslab takes over standard output
  const written = execFileSync('sh', ['-c', shell, 'sh', ...command], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 1 << 28,
  });
  return JSON.parse(written.toString());
}

/** What cells print and show. */
export function runCells(cells: string[]): KernelAnswer[] {
  return askKernel(cells.map((execute) => ({ execute })));
}

/** What a cell printed on one of its streams. */
export function printed({ outputs }: KernelAnswer, stream: 'stdout' | 'stderr'): string {
  return outputs.flatMap((output) => (output.stream === stream ? [output.text ?? ''] : [])).join('');
}
