import { homedir } from 'node:os';
import { join } from 'node:path';

/** The cache folder for files that can be recomputed or downloaded again. `MOON_CACHE` overrides it; setup uses the same rule. */
export function userCache(): string {
  const { MOON_CACHE, XDG_CACHE_HOME } = process.env;
  if (MOON_CACHE) return MOON_CACHE;
  if (XDG_CACHE_HOME) return join(XDG_CACHE_HOME, 'moon-lab');
  return join(homedir(), process.platform === 'darwin' ? 'Library/Caches' : '.cache', 'moon-lab');
}
