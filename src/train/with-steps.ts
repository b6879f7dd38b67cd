import type { MoonConfig } from './config.js';

/** Steps from which a compiled step has saved what compiling it takes. */
const worthCompiling = 24;

/** The same config trained for so many steps: warm-up takes at most a fifth of them, and few steps are not compiled. */
export function withSteps<T extends MoonConfig>(config: T, steps: number): T {
  const { optimizer, engine } = config;
  return {
    ...config,
    optimizer: { ...optimizer, steps, warmUp: Math.min(optimizer.warmUp, Math.ceil(steps / 5)) },
    engine: { ...engine, compile: engine.compile && steps >= worthCompiling },
  };
}
