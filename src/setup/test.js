import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root, state } from './paths.js';

/** `npm test`: format and lint, types, the rooms and their imports, tests; the last line has vitest's own counts. Returns the exit code. */
export function test(args) {
  const counts = join(state, 'test-counts.json');
  rmSync(counts, { force: true });
  const node = (...command) => spawnSync(process.execPath, command, { cwd: root, stdio: 'inherit' }).status ?? 1;
  const some = args.some((arg) => !arg.startsWith('-'));
  if (!some) {
    if (node('node_modules/@biomejs/biome/bin/biome', 'check', '.')) return 1;
    if (node('node_modules/typescript/bin/tsc', '-p', 'test')) return 1;
    if (node('node_modules/dependency-cruiser/bin/dependency-cruise.mjs', 'src', '--config', '.dependency-cruiser.cjs'))
      return 1;
  }
  const status = node(
    'node_modules/vitest/vitest.mjs',
    'run',
    '--config',
    'test/vitest.config.ts',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${counts}`,
    ...args,
  );
  let result;
  try {
    result = JSON.parse(readFileSync(counts, 'utf8'));
  } catch {
    return status || 1;
  }
  console.log(`${result.numPassedTests} passed, ${result.numFailedTests} failed, ${result.numPendingTests} skipped`);
  return status;
}
