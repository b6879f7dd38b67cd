import * as tf from '../engine/tf.js';
import type { TemperatureOption } from './temperature-option.js';

/** Weight name of the learned logarithm of the temperature. */
export const TEMPERATURE = 'loss.log_temperature';

/** Initial weight of a temperature: its logarithm. */
export function startTemperature(option: TemperatureOption): number {
  return Math.log(option.kind === 'fixed' ? option.value : option.start);
}

/**
 * The temperature, given the weight that holds its logarithm (one number; ignored by `fixed`). At a bound, only gradients that lead back
 * inside pass. Otherwise a weight that stepped over the bound once would stay there.
 */
export function temperatureOf(option: TemperatureOption, logarithm: tf.Tensor): tf.Scalar {
  if (option.kind === 'fixed') return tf.scalar(option.value);
  const { min, max } = option;
  const clipped = tf.customGrad((given, save) => {
    const raw = tf.exp(given as tf.Tensor);
    const value = tf.clipByValue(raw, min, max);
    (save as tf.GradSaveFunc)([raw, value]);
    return {
      value,
      gradFunc: (dy, [raw, value]) => {
        // A step goes against the gradient: a positive gradient lowers the temperature.
        const leadsBack = tf.logicalOr(
          tf.logicalAnd(tf.less(raw, max), tf.less(dy, 0)),
          tf.logicalAnd(tf.greater(raw, min), tf.greater(dy, 0)),
        );
        return tf.mul(tf.mul(dy, value), tf.cast(leadsBack, 'float32'));
      },
    };
  });
  return tf.tidy(() => clipped(tf.reshape(logarithm, []))) as tf.Scalar;
}
