import type { MoonConfig } from '../../config/config.js';
import { parts } from '../../moon/part-option.js';
import { writingObjectives } from '../../objectives/index.js';
import type { OptimizerOption } from './option.js';

/** Learning rates of the parts in a stage: 0 for those that it does not train. */
export function ratesInStage(
  { captioning, optimizer: { rates } }: Pick<MoonConfig, 'captioning' | 'optimizer'>,
  stage: string,
): OptimizerOption['rates'] {
  if (captioning.kind === 'none' || stage !== writingObjectives[captioning.kind].name) return rates;
  const { parts: trained = parts } = captioning;
  const still = parts.filter((part) => !trained.includes(part));
  return { ...rates, ...Object.fromEntries(still.map((part) => [part, 0])) };
}
