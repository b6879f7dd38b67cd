import * as tf from '../../engine/tf.js';
import type { EdgeWeight } from './edge-weight.js';

/** Every neighbour counts. */
export const equalWeights: EdgeWeight = (_, __, ___, near) => tf.ones([near.shape[0], near.shape[1]]);
