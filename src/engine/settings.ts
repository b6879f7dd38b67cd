import { availableParallelism } from 'node:os';
import { UserError, wrongOption } from '../checks/error.js';
import { environmentInteger, integerOf, rangeText, threadRange } from '../checks/integer.js';

export const backends = ['native-gpu', 'native-cpu', 'webgpu', 'wasm', 'cpu'] as const;

/** Engines, fastest first. */
export type Backend = (typeof backends)[number];

export interface EngineSettings {
  /** The chosen engine; undefined selects the fastest that is installed. The environment variable `MOON_ENGINE` sets it too. */
  backend?: Backend;
  /**
   * Threads within one operation; default all cores. The environment variable `MOON_THREADS` sets it too. Results can differ in their last
   * digits between thread counts.
   */
  threads: number;
}

function parseBackend(option: string, value: string): Backend {
  const known = backends.find((each) => each === value);
  if (!known) throw wrongOption(option, value, backends.join(' | '));
  return known;
}

/** Environment variables are read when the engine starts, so that a wrong value is reported there and not on import. */
export const settings = {
  chosen: {} as Partial<EngineSettings>,
  started: false,
  get backend(): Backend | undefined {
    const named = process.env.MOON_ENGINE;
    return this.chosen.backend ?? (named ? parseBackend('MOON_ENGINE', named) : undefined);
  },
  get threads(): number {
    return this.chosen.threads ?? environmentInteger('MOON_THREADS', threadRange) ?? availableParallelism();
  },
};

/** The settings as they are now. @throws UserError for a wrong value in the environment */
export const readSettings = () => ({ backend: settings.backend, threads: settings.threads });

/**
 * Choose the engine or its number of threads. Call it before the first operation on a tensor.
 * @throws UserError for an unknown value, or when the engine is already running with another one
 * @example
 * ```ts
 * moon.configureEngine({ backend: 'native-cpu', threads: 2 });
 * await moon.startEngine();
 * ```
 */
export function configureEngine(options: Partial<EngineSettings>): void {
  if (options.backend !== undefined) parseBackend('engine.backend', options.backend);
  const { threads } = options;
  if (threads !== undefined && integerOf(String(threads), threadRange) === undefined)
    throw wrongOption('engine.threads', threads, `an integer ${rangeText(threadRange)}`);
  const changes = (['backend', 'threads'] as const).filter(
    (name) => options[name] !== undefined && options[name] !== settings[name],
  );
  if (settings.started && changes.length)
    throw new UserError(
      `engine.${changes[0]}: got ${JSON.stringify(options[changes[0]])} after the engine has started with ${JSON.stringify(settings[changes[0]])}. Call configureEngine before the first tensor is made, or restart the kernel.`,
    );
  Object.assign(settings.chosen, options);
}
