import { accessSync, constants, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { warn } from './say.js';

/** The project's root folder. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** Folder for everything that setup creates inside the project: stamps, kernel spec, private venv. Ignored by git. */
export const state = join(root, '.moon');

/** The package with the binding's JavaScript and sources. */
export const tfjs = join(root, 'node_modules/@tensorflow/tfjs-node-gpu');

function userCache() {
  if (process.env.MOON_CACHE) return process.env.MOON_CACHE;
  if (process.env.XDG_CACHE_HOME) return join(process.env.XDG_CACHE_HOME, 'moon-lab');
  if (process.platform === 'darwin') return join(homedir(), 'Library/Caches/moon-lab');
  return join(homedir(), '.cache/moon-lab');
}

/** The download cache that all clones share. If it cannot be written, warns and uses a cache inside the project. */
export function cacheFolder() {
  const wanted = userCache();
  try {
    mkdirSync(wanted, { recursive: true });
    accessSync(wanted, constants.W_OK);
    return wanted;
  } catch (error) {
    const own = join(state, 'cache');
    warn(
      `The cache folder ${wanted} cannot be written (${error.code}): this clone uses its own cache in .moon/cache. Set MOON_CACHE to a writable folder to share one.`,
    );
    mkdirSync(own, { recursive: true });
    return own;
  }
}
