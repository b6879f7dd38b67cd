import type { MoonConfig } from './config.js';

/** Of a schedule, at most this share is warm-up. */
const WARM_UP = 0.2;
/** Steps from which a compiled step has saved what compiling it takes. */
const WORTH_COMPILING = 24;

/** A config that makes so many updates, and warms up in a fifth of them at most. */
export function withSteps(config: MoonConfig, steps: number): MoonConfig {
  const { optimizer } = config;
  const warmUp = Math.min(optimizer.warmUp, Math.ceil(steps * WARM_UP));
  return { ...config, optimizer: { ...optimizer, steps, warmUp } };
}

/** `withSteps` for a run by itself: few steps are made operation by operation. Cells that are compared keep one mode: `withSteps`. */
export function shortened(config: MoonConfig, steps: number): MoonConfig {
  const compile = config.engine.compile && steps >= WORTH_COMPILING;
  return { ...withSteps(config, steps), engine: { ...config.engine, compile } };
}
