import { accessSync, constants, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { warn } from './say.js';

/** The project's root. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** Everything that setup makes inside the project and git ignores: stamps, kernel spec, private venv. */
export const state = join(root, '.moon');

/** The package that carries the binding's JavaScript and sources. */
export const tfjs = join(root, 'node_modules/@tensorflow/tfjs-node-gpu');

function userCache() {
  if (process.env.MOON_CACHE) return process.env.MOON_CACHE;
  if (process.env.XDG_CACHE_HOME) return join(process.env.XDG_CACHE_HOME, 'moon-lab');
  if (process.platform === 'darwin') return join(homedir(), 'Library/Caches/moon-lab');
  return join(homedir(), '.cache/moon-lab');
}

/** The download cache shared by clones; inside the project, and said so, where the user's cannot be written. */
export function cacheFolder() {
  const wanted = userCache();
  try {
    mkdirSync(wanted, { recursive: true });
    accessSync(wanted, constants.W_OK);
    return wanted;
  } catch (error) {
    const own = join(state, 'cache');
    warn(
      `The cache folder ${wanted} cannot be written (${error.code}): this clone keeps its own copy in .moon/cache; set MOON_CACHE to a writable folder to share one.`,
    );
    mkdirSync(own, { recursive: true });
    return own;
  }
}
