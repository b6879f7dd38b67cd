import type { OptimizerOption } from './option.js';

/** How the learning rate goes over a run: `warmUpSteps` rise to the peak `rate`. */
export type Schedule = Pick<OptimizerOption, 'steps' | 'warmUpSteps' | 'rate'>;

/** Of a run, at most this fraction is warm-up: a short run reaches its peak too. */
const MAX_WARM_UP = 0.2;

/** Updates of the warm-up. */
export function warmUpLength({ steps, warmUpSteps }: Pick<Schedule, 'steps' | 'warmUpSteps'>): number {
  return Math.min(warmUpSteps, Math.ceil(steps * MAX_WARM_UP));
}

/** Learning rate of an update, counted from 0: linear warm-up, then a cosine to 1% of the peak. */
export function learningRate(step: number, schedule: Schedule): number {
  const { steps, rate } = schedule;
  const warmUp = warmUpLength(schedule);
  if (step < warmUp) return (rate * (step + 1)) / warmUp;
  const done = (step - warmUp) / Math.max(1, steps - warmUp);
  return rate * (0.01 + 0.99 * 0.5 * (1 + Math.cos(Math.PI * done)));
}
