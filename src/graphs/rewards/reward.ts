import type { GraphAnswer } from '../answer.js';

/** How good an answer is, from 0 to 1. @param written undefined for a text that is no answer */
export type GraphReward = (written: GraphAnswer | undefined, right: GraphAnswer) => number;
