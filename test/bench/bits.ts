import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { row } from './sized.js';
import type { Bench } from './table.js';

const PROCESSES = 20;

/** Whether the compiled gradient of the default run's network and batch is the same, bit for bit, in processes of their own. */
export const rows: Bench = async () => {
  const cache = await mkdtemp(join(tmpdir(), 'moon-bench-'));
  const child = fileURLToPath(new URL('../engine/step-hash-child.js', import.meta.url));
  const env = { ...process.env, MOON_CACHE: cache };
  try {
    const hashes = Array.from({ length: PROCESSES }, (): string[] =>
      JSON.parse(execFileSync(process.execPath, [child, 'default', '3'], { encoding: 'utf8', env })),
    );
    const name = `different gradients in ${PROCESSES} processes, 3 runs each`;
    return [row(name, new Set(hashes.flat()).size, '1 is all alike')];
  } finally {
    await rm(cache, { recursive: true });
  }
};
