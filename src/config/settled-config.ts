import { settledPrecision } from '../engine/measured-precision.js';
import type { MoonConfig } from './config.js';

/**
 * The config with what it leaves to this machine decided: `engine.precision: auto`, as it was `before` in a run that resumes. A step that may take
 * several micro-batches is not compiled, and stays in float32.
 */
export function settledConfig(config: MoonConfig, before?: MoonConfig): MoonConfig {
  const { engine, sampler, microBatch } = config;
  if (engine.precision !== 'auto') return config;
  // Each query, and beside each bought product perhaps a hard negative.
  const isLarge = sampler.products * Math.max(sampler.queries, 2) > microBatch;
  const measured = () => (isLarge ? 'float32' : settledPrecision(engine));
  return { ...config, engine: { ...engine, precision: before ? (before.engine.precision ?? 'float32') : measured() } };
}
