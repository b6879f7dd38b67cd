import { wrongOption } from '../checks/error.js';
import { isRecord } from '../checks/schema.js';
import { applySettings, merge } from '../config/check-config.js';
import type { MoonConfig } from '../config/config.js';
import { bases } from './index.js';

export { bases };

/**
 * A config from what a file or a notebook says: `{ base: 'grocery', optimizer: { steps: 100 } }`. What is left out comes from the base;
 * an option of another kind keeps what both kinds have.
 * @param settings `optimizer.steps=100` and the like, applied last
 */
export function readConfig(given: unknown, settings: readonly string[] = []): MoonConfig {
  if (!isRecord(given)) throw wrongOption('config', given, 'a record such as { "base": "grocery" }');
  const { base = 'grocery', ...changes } = given;
  if (typeof base !== 'string' || !Object.hasOwn(bases, base))
    throw wrongOption('base', base, `one of ${Object.keys(bases).join(' | ')}`);
  return applySettings(merge(bases[base], changes), settings);
}
