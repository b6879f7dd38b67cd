import { wrongOption } from '../checks/error.js';
import { fillIn } from '../checks/fill-in.js';
import { number, tagged } from '../checks/schema.js';

/**
 * Temperature of a softmax over similarities: small looks at the hardest negatives, large at all alike.
 * - `fixed`: one value.
 * - `learned`: the exponential of a weight, from `start`, held within `min` and `max`.
 */
export type TemperatureOption =
  | { kind: 'fixed'; value: number }
  | { kind: 'learned'; start: number; min: number; max: number };

const temperature = (help: string) => number({ min: 1e-4, max: 100, help });

export const temperatureSchema = tagged<TemperatureOption>('how the temperature of the softmax is found', {
  fixed: { value: temperature('the temperature') },
  learned: {
    start: temperature('the temperature before the first step'),
    min: temperature('the smallest temperature that can be learned'),
    max: temperature('the largest temperature that can be learned'),
  },
});

/** @throws UserError for a wrong option, and for bounds that do not hold the start between them */
export function checkTemperature(option: TemperatureOption): void {
  fillIn(temperatureSchema, option, 'temperature');
  if (option.kind === 'learned' && !(option.min <= option.start && option.start <= option.max))
    throw wrongOption('temperature', option, 'min <= start <= max');
}
