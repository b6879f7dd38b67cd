import type { GraphReward } from './reward.js';

/** 1 for a text that is an answer, right or wrong. */
export const format: GraphReward = (written) => (written ? 1 : 0);
