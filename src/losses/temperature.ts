import * as tf from '../engine/tf.js';
import type { TemperatureOption } from './temperature-option.js';

/** Name of the learned logarithm of the temperature among the weights. */
export const TEMPERATURE = 'loss.log_temperature';

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
  const { min, max } = option;
  const held = tf.customGrad((given, save) => {
    const raw = tf.exp(given as tf.Tensor);
    const value = tf.clipByValue(raw, min, max);
    (save as tf.GradSaveFunc)([raw, value]);
    return {
      value,
      gradFunc: (dy, [raw, value]) => {
        // A step goes against the gradient: a positive one lowers the temperature.
        const leadsBack = tf.logicalOr(
          tf.logicalAnd(tf.less(raw, max), tf.less(dy, 0)),
          tf.logicalAnd(tf.greater(raw, min), tf.greater(dy, 0)),
        );
        return tf.mul(tf.mul(dy, value), tf.cast(leadsBack, 'float32'));
      },
    };
  });
  return tf.tidy(() => held(tf.reshape(logarithm, []))) as tf.Scalar;
}
