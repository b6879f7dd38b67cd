import type { MoonConfig } from '../config/config.js';
import { captions } from './captions/captions.js';
import { contrastive } from './contrastive/contrastive.js';
import type { ObjectiveKind } from './objective.js';

/** A training stage: a part of a run with one objective. */
export interface Stage {
  objective: ObjectiveKind;
  /** Number of updates in this stage. */
  steps: number;
}

/** The stages of a run in order. */
export function stagesOf({ captioning, optimizer: { steps } }: Pick<MoonConfig, 'captioning' | 'optimizer'>): Stage[] {
  const first = captioning.kind === 'captions' ? Math.round(captioning.fraction * steps) : 0;
  return [
    { objective: captions, steps: first },
    { objective: contrastive, steps: steps - first },
  ];
}
