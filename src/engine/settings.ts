import { availableParallelism } from 'node:os';
import { UserError, wrongOption } from '../checks/error.js';

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

function parseThreads(option: string, value: number): number {
  if (!Number.isInteger(value) || value < 1 || value > 1024)
    throw wrongOption(option, value, 'an integer from 1 to 1024');
  return value;
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
    const named = process.env.MOON_THREADS;
    return this.chosen.threads ?? (named ? parseThreads('MOON_THREADS', Number(named)) : availableParallelism());
  },
};

/**
 * Choose the engine or its number of threads. Call it before the first operation on a tensor.
 * @throws UserError for an unknown value, or when the engine is already running with another one
 */
export function configureEngine(options: Partial<EngineSettings>): void {
  if (options.backend !== undefined) parseBackend('engine.backend', options.backend);
  if (options.threads !== undefined) parseThreads('engine.threads', options.threads);
  const changes = (['backend', 'threads'] as const).filter(
    (name) => options[name] !== undefined && options[name] !== settings[name],
  );
  if (settings.started && changes.length)
    throw new UserError(
      `engine.${changes[0]}: got ${JSON.stringify(options[changes[0]])} after the engine has started with ${JSON.stringify(settings[changes[0]])}. Call configureEngine before the first tensor is made, or restart the kernel.`,
    );
  Object.assign(settings.chosen, options);
}
