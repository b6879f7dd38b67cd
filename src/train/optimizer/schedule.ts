import type { OptimizerOption } from './option.js';

/** The learning rate schedule: `warmUpSteps` rise to the peak `rate`. */
export type Schedule = Pick<OptimizerOption, 'steps' | 'warmUpSteps' | 'rate'>;

/** Maximum fraction of warm-up steps, so that a short run reaches its peak too. */
const MAX_WARM_UP = 0.2;

/** Number of warm-up updates. */
export function warmUpLength({ steps, warmUpSteps }: Pick<Schedule, 'steps' | 'warmUpSteps'>): number {
  return Math.min(warmUpSteps, Math.ceil(steps * MAX_WARM_UP));
}

/** Learning rate of an update, counted from 0: linear warm-up, then cosine decay to 1% of the peak. */
export function learningRate(step: number, schedule: Schedule): number {
  const { steps, rate } = schedule;
  const warmUp = warmUpLength(schedule);
  if (step < warmUp) return (rate * (step + 1)) / warmUp;
  const done = (step - warmUp) / Math.max(1, steps - warmUp);
  return rate * (0.01 + 0.99 * 0.5 * (1 + Math.cos(Math.PI * done)));
}
