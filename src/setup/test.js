import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root, state } from './paths.js';

/**
 * Run `npm test`: format and lint, types, import rules, tests. Then print what was left out and how to have it, the slowest tests of a whole
 * run, and the counts in the last line. Returns the exit code.
 */
export function test(args) {
  const file = join(state, 'test-summary.json');
  rmSync(file, { force: true });
  const env = { ...process.env, MOON_TEST_SUMMARY: file };
  const node = (...command) => spawnSync(process.execPath, command, { cwd: root, stdio: 'inherit', env }).status ?? 1;
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
    '--reporter=./test/summary.ts',
    ...args,
  );
  let summary;
  try {
    summary = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return status || 1;
  }
  const { passed, failed, skipped, leftOut, slowest } = summary;
  if (!some) console.log(['Slowest:', ...slowest, ''].join('\n'));
  for (const line of leftOut) console.log(line);
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  return status;
}
