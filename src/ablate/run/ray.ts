import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { UserError } from '../../checks/error.js';
import type { RunTrials } from './run-trials.js';
import type { TrialOutcome } from './trial-messages.js';

/** The build contains no Python, so the driver runs from the sources. */
const driver = fileURLToPath(new URL('../../../src/ablate/run/ray-driver.py', import.meta.url));
const cli = fileURLToPath(new URL('../../../src/setup/bin.js', import.meta.url));

export interface RayOptions {
  /** A Python with ray installed. Default: python3. */
  python?: string;
  /** Address of a running cluster. Default: the cluster in RAY_ADDRESS, else a new one on this machine. */
  address?: string;
  /** Number of CPUs of a new cluster on this machine. */
  cpus?: number;
  /** The command that runs a trial, to which its folder is appended: `node bin.js ablate --trial`. */
  command?: readonly string[];
}

/** A line of the driver's output. */
type DriverMessage = { kind: 'up'; cpus: number } | { kind: 'end'; trial: string; failed: string | null };

/**
 * Run trials on a Ray cluster. Each trial is a Ray task that runs the command line on its folder, with `threads` CPUs. All machines must
 * share the file system of the study's folder. If a worker is lost, its trial resumes elsewhere from its last checkpoint.
 * @throws UserError if Python or Ray cannot be started
 */
export function runOnRay(threads: number, options: RayOptions = {}): RunTrials {
  const { python = 'python3', address, cpus, command = [process.execPath, cli, 'ablate', '--trial'] } = options;
  return async (given, { onProgress, onEnd, signal }) => {
    // Ray's workers have their own working directories.
    const nameOf = new Map(given.map((folder) => [resolve(folder), folder]));
    const folders = [...nameOf.keys()];
    if (!folders.length) return;
    const child = spawn(python, [driver], { stdio: ['pipe', 'pipe', 'pipe'] });
    const left = new Set(folders);
    let errorOutput = '';
    child.stderr.on('data', (chunk) => {
      errorOutput = (errorOutput + chunk).slice(-4000);
    });
    const stop = () => child.kill('SIGINT');
    signal?.addEventListener('abort', stop);
    const ended = new Promise<string>((resolve) => {
      child.on('error', (error) => resolve(error.message));
      child.on('close', (code, by) => resolve(code === 0 ? '' : (by ?? `code ${code}`)));
    });
    child.stdin.on('error', () => {});
    child.stdin.end(JSON.stringify({ trials: folders, command, threads, address, cpus }));
    try {
      for await (const line of createInterface({ input: child.stdout })) {
        if (!line.startsWith('{')) continue;
        const message = JSON.parse(line) as DriverMessage;
        if (message.kind === 'up')
          onProgress(given[0], { kind: 'progress', label: `Ray, ${message.cpus} CPUs`, done: 0, total: 0 });
        else {
          left.delete(message.trial);
          const outcome: TrialOutcome =
            message.failed === null ? { kind: 'finished' } : { kind: 'failed', why: message.failed };
          onEnd(nameOf.get(message.trial)!, outcome);
        }
      }
      const failure = await ended;
      if (signal?.aborted) for (const folder of left) onEnd(nameOf.get(folder)!, { kind: 'stopped' });
      else if (failure)
        throw new UserError(
          `--on ray: ${python} failed (${failure}): ${lastLine(errorOutput)}. Install Ray with ${python} -m pip install ray, or choose another Python with --python.`,
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
