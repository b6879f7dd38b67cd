import type { RowAnswers } from '../run/row-answers.js';
import type { Part } from './contrast.js';

/** A main effect of one factor, or an interaction of several. */
export interface EffectName {
  name: string;
  factors: string[];
}

/** Main effects first, then interactions of two, of three ... */
export function effectNames(factors: readonly string[]): EffectName[] {
  return Array.from({ length: 2 ** factors.length - 1 }, (_, at) => factors.filter((_, bit) => ((at + 1) >> bit) & 1))
    .sort((a, b) => a.length - b.length)
    .map((chosen) => ({ name: chosen.join(' x '), factors: chosen }));
}

/**
 * The contrast of an effect over all 2^k trials. A main effect is the mean of the trials with the change less the mean of those without.
 * An interaction of two is half of what the one change does more where the other one is made, and so on.
 */
export function effectParts(
  effect: readonly string[],
  trials: readonly { factors: readonly string[]; answers: RowAnswers }[],
): Part[] {
  return trials.map(({ factors, answers }) => {
    const sign = effect.reduce((product, factor) => product * (factors.includes(factor) ? 1 : -1), 1);
    return { weight: (2 * sign) / trials.length, answers };
  });
}
