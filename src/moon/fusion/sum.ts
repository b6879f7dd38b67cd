import * as tf from '../../engine/tf.js';
import type { Fusion } from './fusion.js';

/** v + h. */
export const sum: Fusion = (visual, hidden) => ({ output: tf.add(visual, hidden) as tf.Tensor2D });
