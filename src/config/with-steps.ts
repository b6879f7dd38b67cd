import type { MoonConfig } from './config.js';

/** Number of steps from which compilation pays off. */
const WORTH_COMPILING = 24;

/** The config with another number of updates. */
export function withSteps(config: MoonConfig, steps: number): MoonConfig {
  return { ...config, optimizer: { ...config.optimizer, steps } };
}

/**
 * Like `withSteps`, but disables compilation for a short run. For a single run only: trials that are compared must all use the same mode,
 * so they use `withSteps`.
 */
export function shortened(config: MoonConfig, steps: number): MoonConfig {
  const compile = config.engine.compile && steps >= WORTH_COMPILING;
  const { precision, ...engine } = config.engine;
  return { ...withSteps(config, steps), engine: { ...engine, compile, ...(compile && precision && { precision }) } };
}
