import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const bin = `${root}src/setup/bin.js`;

/** `npx moon-lab ...` as a user would, from a subfolder. */
function moonLab(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
    cwd: `${root}notebooks`,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}
const setupVerbs = ['setup', 'doctor', 'test', 'bench', 'docs', 'lab'];

test.each([[], ['--help'], ['-h'], ['help']])('moon-lab %s lists every verb, those of the setup too', (...args) => {
  const { status, stdout, stderr } = moonLab(...args);
  expect(status, stderr).toBe(0);
  for (const verb of [...setupVerbs, 'start', 'train', 'evaluate', 'ablate', 'explain', 'verify', 'data'])
    expect(stdout).toMatch(new RegExp(`^ {2}${verb} +(FOLDER +)?[A-Z]`, 'm'));
});

test('a verb of the command line has its own help', () => {
  const { status, stdout } = moonLab('train', '--help');
  expect(status).toBe(0);
  expect(stdout).toContain('Usage: npx moon-lab train [options]');
  expect(moonLab('help', 'train').stdout).toBe(stdout);
});

describe.each(setupVerbs)('%s, which needs nothing installed', (verb) => {
  test('has help, and does nothing beside it', () => {
    const { status, stdout, stderr } = moonLab(verb, '--help');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`Usage: npx moon-lab ${verb}`);
    expect(stdout).toMatch(/Examples:\n {2}npx moon-lab /);
    expect(moonLab('help', verb)).toEqual({ status, stdout, stderr });
  });
});

describe('wrong words end with one line and exit 2', () => {
  test.each([
    [['strat'], "moon-lab: unknown command 'strat'; did you mean start?"],
    [['labb'], "moon-lab: unknown command 'labb'; did you mean lab?"],
    [['start', '--steps', 'many'], 'moon-lab start: --steps: got "many", expected an integer of at least 0.'],
    [
      ['doctor', '--jsn'],
      "moon-lab doctor: got '--jsn', expected --json; npx moon-lab doctor --help lists what there is.",
    ],
    [['doctor', '--json', '--json'], 'moon-lab doctor: --json is given twice; leave one of them out.'],
    [['doctor', '--json=yes'], "moon-lab doctor: --json takes no value, and got 'yes'."],
    [['setup', 'now'], "moon-lab setup: got 'now', expected --lab; npx moon-lab setup --help lists what there is."],
    [['bench', '--python'], 'moon-lab bench: --python needs a value: --python PATH.'],
    [['bench', 'engnie'], "moon-lab: bench: got 'engnie', expected one of"],
  ])('%j', (args, message) => {
    const { status, stdout, stderr } = moonLab(...args);
    expect(stderr).toContain(message);
    expect([stdout, stderr.trim().split('\n').length, status]).toEqual(['', 1, 2]);
  });
});

test('work that fails ends with one line and exit 1', () => {
  const { status, stdout, stderr } = moonLab('data', 'inspect', 'pictures');
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(/^moon-lab data inspect: data: "pictures" holds \d+ images and no table[^\n]*\n$/);
});

test('a group of verbs without one shows them, and exits 2', () => {
  const { status, stdout, stderr } = moonLab('data');
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toContain('inspect PATH');
});

test('bench without a name lists what can be measured', () => {
  expect(moonLab('bench').stdout).toContain('engine');
});

test.each([['help'], ['doctor', '--help'], ['data', 'inspect', `${root}data/grocery`, '--json']])(
  'moon-lab %s into a pipe that is closed ends without a stack, as by a broken pipe',
  (...args) => {
    // `true` has ended, and nobody reads, long before the first word is written.
    const line = `"$0" "$@" | true; echo "\${PIPESTATUS[0]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', line, process.execPath, bin, ...args], { encoding: 'utf8' });
    expect([stdout, stderr]).toEqual(['141\n', '']);
  },
);
