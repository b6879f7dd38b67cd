import { wrongOption } from '../checks/error.js';
import { isRecord } from '../checks/schema.js';
import { applySettings, merge } from '../config/check-config.js';
import type { MoonConfig } from '../config/config.js';
import { bases } from './index.js';

export { bases };

/**
 * Build a config from a partial one in a file or notebook: `{ base: 'grocery', optimizer: { steps: 100 } }`. Missing options come from the
 * base. If an option changes its kind, the fields that both kinds have keep their values.
 * @param settings settings such as `optimizer.steps=100`, applied last
 * @throws UserError for an unknown base or a wrong option
 * @example
 * ```ts
 * const config = moon.readConfig({ base: 'grocery', optimizer: { steps: 100 } }, ['loss.smoothing=0.2']);
 * ```
 */
export function readConfig(given: unknown, settings: readonly string[] = []): MoonConfig {
  if (!isRecord(given)) throw wrongOption('config', given, 'a record such as { "base": "grocery" }');
  const { base = 'grocery', ...changes } = given;
  if (typeof base !== 'string' || !Object.hasOwn(bases, base))
    throw wrongOption('base', base, `one of ${Object.keys(bases).join(' | ')}`);
  return applySettings(merge(bases[base], changes), settings);
}
