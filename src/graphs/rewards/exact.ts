import type { GraphReward } from './reward.js';

/** 1 for the right answer, whatever is listed. */
export const exact: GraphReward = (written, right) => (written?.answer === right.answer ? 1 : 0);
