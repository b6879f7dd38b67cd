import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './command.js';
import { clearStamp, hashOf, partialFolder, readStamp, writeStamp } from './files.js';
import { root, state } from './paths.js';
import { SetupError } from './say.js';

const dist = join(root, 'dist');
const wanted = () => hashOf(['src', 'tsconfig.json', 'package-lock.json'].map((path) => join(root, path)));

export function buildReady() {
  return readStamp('build') === wanted() && existsSync(join(dist, 'index.js'));
}

/** Compile TypeScript to dist/. Compiles to a temporary folder and swaps it in, so that no incomplete build is ever imported. */
export async function build(tell) {
  clearStamp('build');
  const hash = wanted();
  const fresh = partialFolder(join(state, 'dist'));
  tell('compiling TypeScript');
  // tslab's tsc shadows node_modules/.bin/tsc, so the compiler is called by its path.
  await run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', '.', '--outDir', fresh], { cwd: root }).catch(
    (error) => {
      rmSync(fresh, { recursive: true, force: true });
      throw new SetupError(
        `The sources do not compile: ${error.message}.`,
        'Fix these lines (npx tsc shows all), then start again.',
      );
    },
  );
  const old = `${fresh}-old`;
  if (existsSync(dist)) renameSync(dist, old);
  renameSync(fresh, dist);
  rmSync(old, { recursive: true, force: true });
  writeStamp('build', hash);
}
