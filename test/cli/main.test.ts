import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** `npx moon-lab ...` as a user would, from a subfolder. */
function moonLab(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [`${root}src/setup/bin.js`, ...args], {
    cwd: `${root}notebooks`,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

test('help names every command with its usage', () => {
  const { status, stdout } = moonLab('help');
  expect(status).toBe(0);
  for (const usage of [
    'doctor [--json]',
    'start [--steps N]',
    'data inspect',
    'verify DIR',
    'config [BASE] [OPTION]',
    'bench [NAME...]',
    'lab [--check]',
  ])
    expect(stdout).toContain(usage);
});

test('a command prints its own usage on --help', () => {
  const { status, stdout } = moonLab('train', '--help');
  expect(status).toBe(0);
  expect(stdout).toContain('train [--data PATH]');
  expect(stdout).not.toContain('evaluate [');
});

describe('words that are wrong end with one line and exit 2 or 1', () => {
  test.each([
    [['strat'], 2, "moon-lab: got 'strat', expected one of the commands above."],
    [['start', '--stepps', '3'], 2, "Unknown option '--stepps'; did you mean --steps?"],
    [['start', '--steps', 'many'], 1, '--steps: got "many", expected a whole number.'],
    [['data', 'inspct'], 1, 'data: got "inspct", expected one of inspect | fetch | pack.'],
    [['data', 'inspect', 'no-such-folder'], 1, 'no-such-folder'],
    [['bench', 'engnie'], 1, "bench: got 'engnie', expected one of"],
  ])('%o', (args, code, message) => {
    const { status, stdout, stderr } = moonLab(...args);
    expect(stdout + stderr).toContain(message);
    expect(stderr).not.toContain('    at ');
    expect(status).toBe(code);
  });
});

test('bench without a name lists what can be measured', () => {
  expect(moonLab('bench').stdout).toContain('engine');
});
