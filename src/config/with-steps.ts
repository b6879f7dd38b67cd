import type { MoonConfig } from './config.js';

/** Steps from which a compiled step has saved what compiling it takes. */
const WORTH_COMPILING = 24;

/** A config that makes so many updates. */
export function withSteps(config: MoonConfig, steps: number): MoonConfig {
  return { ...config, optimizer: { ...config.optimizer, steps } };
}

/** `withSteps` for a run by itself: few steps are made operation by operation. Trials that are compared keep one mode: `withSteps`. */
export function shortened(config: MoonConfig, steps: number): MoonConfig {
  const compile = config.engine.compile && steps >= WORTH_COMPILING;
  return { ...withSteps(config, steps), engine: { ...config.engine, compile } };
}
