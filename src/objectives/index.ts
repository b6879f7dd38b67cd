import type { MoonConfig } from '../config/config.js';
import { captions } from './captions/captions.js';
import { contrastive } from './contrastive/contrastive.js';
import { dual } from './dual/dual.js';
import { type AlignmentOption, alignmentOption } from './dual/option.js';
import type { ObjectiveKind } from './objective.js';

/** A training stage: a part of a run with one objective. */
export interface Stage {
  objective: ObjectiveKind;
  /** Number of updates in this stage. */
  steps: number;
}

const mainObjectives: Record<AlignmentOption['kind'], ObjectiveKind> = { single: contrastive, dual };

/** The objective of the main stage. */
export const mainObjective = ({ alignment }: Pick<MoonConfig, 'alignment'>) =>
  mainObjectives[alignmentOption(alignment).kind];

/** The stages of a run in order. */
export function stagesOf(config: Pick<MoonConfig, 'captioning' | 'optimizer' | 'alignment'>): Stage[] {
  const {
    captioning,
    optimizer: { steps },
  } = config;
  const first = captioning.kind === 'captions' ? Math.round(captioning.fraction * steps) : 0;
  return [
    { objective: captions, steps: first },
    { objective: mainObjective(config), steps: steps - first },
  ];
}
