import { wrongOption } from '../checks/error.js';
import { fillIn } from '../checks/fill-in.js';
import { number, tagged } from '../checks/schema.js';

/**
 * Temperature of the softmax over similarities. A small temperature concentrates on the hardest negatives; a large one weights all alike.
 * - `fixed`: one value.
 * - `learned`: the exponential of a trained weight, initialised at `start` and clipped to `min` and `max`.
 */
export type TemperatureOption =
  | { kind: 'fixed'; value: number }
  | { kind: 'learned'; start: number; min: number; max: number };

const temperature = (help: string) => number({ min: 1e-4, max: 100, help });

export const temperatureSchema = tagged<TemperatureOption>('whether the softmax temperature is fixed or learned', {
  fixed: { value: temperature('the temperature') },
  learned: {
    start: temperature('the initial temperature'),
    min: temperature('the smallest temperature that can be learned'),
    max: temperature('the largest temperature that can be learned'),
  },
});

/** @throws UserError for a wrong option, or if `start` is not between `min` and `max` */
export function checkTemperature(option: TemperatureOption): void {
  fillIn(temperatureSchema, option, 'temperature');
  if (option.kind === 'learned' && !(option.min <= option.start && option.start <= option.max))
    throw wrongOption('temperature', option, 'min <= start <= max');
}
