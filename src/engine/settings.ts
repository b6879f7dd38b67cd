import { availableParallelism } from 'node:os';
import { UserError, wrongOption } from '../checks/error.js';

export const backends = ['native-gpu', 'native-cpu', 'webgpu', 'wasm', 'cpu'] as const;

/** Which engine runs the tensors, fastest first. */
export type Backend = (typeof backends)[number];

export interface EngineSettings {
  /** An explicit choice; undefined takes the fastest that is present. `MOON_ENGINE` in the environment sets it too. */
  backend?: Backend;
  /** Threads inside one operation; default all cores. `MOON_THREADS` in the environment sets it too. Changes digits. */
  threads: number;
}

function parseBackend(option: string, value: string): Backend {
  const known = backends.find((each) => each === value);
  if (!known) throw wrongOption(option, value, backends.join(' | '));
  return known;
}

function parseThreads(option: string, value: number): number {
  if (!Number.isInteger(value) || value < 1 || value > 1024)
    throw wrongOption(option, value, 'a whole number of at least 1');
  return value;
}

/** Read when the engine starts: a wrong value in the environment is reported there, not on import. */
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
 * Choose the engine or its threads, before the first operation on a tensor.
 * @throws UserError for an unknown value, or when the engine already runs with another one.
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
