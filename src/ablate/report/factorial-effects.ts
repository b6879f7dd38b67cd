import type { Part, SeedAnswers } from '../../evaluate/contrast/contrast.js';
/** The main effect of one factor, or the interaction of several. */
export interface EffectName {
  name: string;
  factors: string[];
}

/** All effects: main effects first, then two-way interactions, three-way interactions ... */
export function effectNames(factors: readonly string[]): EffectName[] {
  return Array.from({ length: 2 ** factors.length - 1 }, (_, at) => factors.filter((_, bit) => ((at + 1) >> bit) & 1))
    .sort((a, b) => a.length - b.length)
    .map((chosen) => ({ name: chosen.join(' x '), factors: chosen }));
}

/**
 * The contrast of an effect over all 2^k rows. A main effect is the mean of the rows with the change minus the mean of those without. A
 * two-way interaction is half of the effect of one change when the other is present minus its effect when the other is absent, and so on.
 */
export function effectParts(
  effect: readonly string[],
  trials: readonly { factors: readonly string[]; answers: SeedAnswers }[],
): Part[] {
  return trials.map(({ factors, answers }) => {
    const sign = effect.reduce((product, factor) => product * (factors.includes(factor) ? 1 : -1), 1);
    return { weight: (2 * sign) / trials.length, answers };
  });
}
