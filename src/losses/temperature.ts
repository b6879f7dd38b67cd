import { wrongOption } from '../checks/error.js';
import * as tf from '../engine/tf.js';

/** Name of the learned logarithm of the temperature among the weights. */
export const TEMPERATURE = 'loss.log_temperature';

/**
 * Temperature of a softmax over similarities: small looks at the hardest negatives, large at all alike.
 * - `fixed`: one value.
 * - `learned`: the exponential of a weight, from `start`, held within `least` and `most`.
 */
export type TemperatureOption =
  | { kind: 'fixed'; value: number }
  | { kind: 'learned'; start: number; least: number; most: number };

/** @throws UserError for a wrong option. */
export function checkTemperature(option: TemperatureOption): void {
  const positive = (value: number) => value > 0 && value < Infinity;
  if (option.kind === 'fixed') {
    if (!positive(option.value)) throw wrongOption('temperature.value', option.value, 'a finite number above 0');
  } else if (option.kind === 'learned') {
    const { start, least, most } = option;
    if (!positive(least) || !positive(most) || !(least <= start && start <= most))
      throw wrongOption('temperature', option, 'least <= start <= most, all finite and above 0');
  } else throw wrongOption('temperature.kind', (option as { kind: unknown }).kind, 'one of fixed | learned');
}

/** The weight that a temperature starts from: the logarithm of it. */
export function startTemperature(option: TemperatureOption): number {
  return Math.log(option.kind === 'fixed' ? option.value : option.start);
}

/**
 * The temperature, from the weight that holds its logarithm (one number; `fixed` does not look at it). At a bound only the
 * gradient that leads back inside passes: a weight that once stepped over the bound would otherwise stay there for ever.
 */
export function temperatureOf(option: TemperatureOption, logarithm: tf.Tensor): tf.Scalar {
  if (option.kind === 'fixed') return tf.scalar(option.value);
  const { least, most } = option;
  const held = tf.customGrad((given, save) => {
    const raw = tf.exp(given as tf.Tensor);
    const value = tf.clipByValue(raw, least, most);
    (save as tf.GradSaveFunc)([raw, value]);
    return {
      value,
      gradFunc: (dy, [raw, value]) => {
        // A step goes against the gradient: a positive one lowers the temperature.
        const leadsBack = tf.logicalOr(
          tf.logicalAnd(tf.less(raw, most), tf.less(dy, 0)),
          tf.logicalAnd(tf.greater(raw, least), tf.greater(dy, 0)),
        );
        return tf.mul(tf.mul(dy, value), tf.cast(leadsBack, 'float32'));
      },
    };
  });
  return tf.tidy(() => held(tf.reshape(logarithm, []))) as tf.Scalar;
}
