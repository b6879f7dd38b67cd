import type { MoonConfig } from './config.js';

/** Of a schedule, at most this share is warm-up. */
const WARM_UP = 0.2;

/** A config that makes so many updates, and warms up in a fifth of them at most. */
export function withSteps(config: MoonConfig, steps: number): MoonConfig {
  const { optimizer } = config;
  const warmUp = Math.min(optimizer.warmUp, Math.ceil(steps * WARM_UP));
  return { ...config, optimizer: { ...optimizer, steps, warmUp } };
}
