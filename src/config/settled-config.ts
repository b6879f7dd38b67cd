import { settledPrecision } from '../engine/measured-precision.js';
import type { MoonConfig } from './config.js';

/** The config with what it leaves to this machine decided: `engine.precision: auto`, as it was `before` in a run that resumes. */
export function settledConfig(config: MoonConfig, before?: MoonConfig): MoonConfig {
  if (config.engine.precision !== 'auto') return config;
  const precision = before?.engine.precision ?? (before ? 'float32' : settledPrecision(config.engine));
  return { ...config, engine: { ...config.engine, precision } };
}
