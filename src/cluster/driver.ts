import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { UserError } from '../checks/error.js';

/** A Python program of this folder that drives Ray. It reads a line of JSON and writes lines of JSON. */
export interface Driver {
  messages(): AsyncGenerator<object, void, void>;
  /** Write a further line. */
  write(line: object): void;
  /** Send SIGINT. */
  interrupt(): void;
  /** The error with which it ended, undefined if it ended well. */
  failure(): Promise<UserError | undefined>;
  kill(): void;
}

export interface DriverOptions {
  python: string;
  /** Python packages that it needs, for the remedy. */
  packages: string;
  /** Whether its input ends with the request. Otherwise it ends when this process does. */
  ends: boolean;
}

/** Start a driver. The build contains no Python, so it runs from the sources. */
export function startDriver(script: string, request: object, { python, packages, ends }: DriverOptions): Driver {
  const file = fileURLToPath(new URL(`../../src/cluster/${script}`, import.meta.url));
  // In a group of its own where it listens, so that Ctrl-C reaches this process alone, which then asks it to stop.
  const child = spawn(python, [file], { stdio: ['pipe', 'pipe', 'pipe'], detached: !ends });
  let errorOutput = '';
  child.stderr.on('data', (chunk) => {
    errorOutput = (errorOutput + chunk).slice(-4000);
  });
  const ended = new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, by) => resolve(code === 0 ? '' : (by ?? `code ${code}`)));
  });
  child.stdin.on('error', () => {});
  child.stdin.write(`${JSON.stringify(request)}\n`);
  if (ends) child.stdin.end();
  return {
    async *messages() {
      for await (const line of createInterface({ input: child.stdout }))
        if (line.startsWith('{')) yield JSON.parse(line) as object;
    },
    write: (line) => void child.stdin.write(`${JSON.stringify(line)}\n`),
    interrupt: () => void child.kill('SIGINT'),
    async failure() {
      const how = await ended;
      if (!how) return undefined;
      const last = errorOutput.trim().split('\n').at(-1) ?? '';
      return new UserError(
        `--on ray: ${python} failed (${how}): ${last}. Install Ray with ${python} -m pip install ${packages}, or choose another Python with --python.`,
      );
    },
    kill: () => void child.kill(),
  };
}
