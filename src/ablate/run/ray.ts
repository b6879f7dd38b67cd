import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { UserError } from '../../checks/error.js';
import type { RunCells } from './run-trials.js';
import type { CellOutcome } from './trial-messages.js';

/** Python code is no part of the build: it is run from where the sources lie. */
const driver = fileURLToPath(new URL('../../../src/ablate/run/ray-driver.py', import.meta.url));
const cli = fileURLToPath(new URL('../../../src/setup/bin.js', import.meta.url));

export interface RayOptions {
  /** A Python that has `ray`. Default python3. */
  python?: string;
  /** A cluster that runs already; left out, one is started on this machine, or the one that RAY_ADDRESS names is joined. */
  address?: string;
  /** Processors that a machine of one's own cluster offers. */
  cpus?: number;
  /** The command that runs a trial, before its folder: `node bin.js ablate --trial`. */
  command?: readonly string[];
}

/** A line of the driver. */
type Told = { kind: 'up'; cpus: number } | { kind: 'end'; cell: string; failed: string | null };

/**
 * On a Ray cluster: each cell is a Ray task that calls the command line for its folder, on `threads` processors. The folder of the study
 * has to be one that all machines see. A worker that is lost has its cell run again, from its last checkpoint.
 * @throws UserError when Python or Ray cannot be started
 */
export function runOnRay(threads: number, options: RayOptions = {}): RunCells {
  const { python = 'python3', address, cpus, command = [process.execPath, cli, 'ablate', '--trial'] } = options;
  return async (given, { onProgress, onEnd, signal }) => {
    // Ray's workers have working folders of their own.
    const nameOf = new Map(given.map((folder) => [resolve(folder), folder]));
    const folders = [...nameOf.keys()];
    if (!folders.length) return;
    const child = spawn(python, [driver], { stdio: ['pipe', 'pipe', 'pipe'] });
    const left = new Set(folders);
    let said = '';
    child.stderr.on('data', (chunk) => {
      said = (said + chunk).slice(-4000);
    });
    const stop = () => child.kill('SIGINT');
    signal?.addEventListener('abort', stop);
    const ended = new Promise<string>((resolve) => {
      child.on('error', (error) => resolve(error.message));
      child.on('close', (code, by) => resolve(code === 0 ? '' : (by ?? `code ${code}`)));
    });
    child.stdin.on('error', () => {});
    child.stdin.end(JSON.stringify({ cells: folders, command, threads, address, cpus }));
    try {
      for await (const line of createInterface({ input: child.stdout })) {
        if (!line.startsWith('{')) continue;
        const told = JSON.parse(line) as Told;
        if (told.kind === 'up')
          onProgress(given[0], { kind: 'progress', label: `Ray, ${told.cpus} processors`, done: 0, total: 0 });
        else {
          left.delete(told.cell);
          const outcome: CellOutcome =
            told.failed === null ? { kind: 'finished' } : { kind: 'failed', why: told.failed };
          onEnd(nameOf.get(told.cell)!, outcome);
        }
      }
      const how = await ended;
      if (signal?.aborted) for (const folder of left) onEnd(nameOf.get(folder)!, { kind: 'stopped' });
      else if (how)
        throw new UserError(
          `--on ray: ${python} ended (${how}): ${lastLine(said)}. Install it with ${python} -m pip install ray, or name another one with --python.`,
        );
    } finally {
      signal?.removeEventListener('abort', stop);
      child.kill();
    }
  };
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
