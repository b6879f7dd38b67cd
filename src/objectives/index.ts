import type { MoonConfig } from '../config/config.js';
import { captions } from './captions/captions.js';
import { contrastive } from './contrastive/contrastive.js';
import { denoising } from './denoising/denoising.js';
import { dual } from './dual/dual.js';
import { type AlignmentOption, alignmentOption } from './dual/option.js';
import type { ObjectiveKind } from './objective.js';
import { summaries } from './summaries/summaries.js';

/** A training stage: a part of a run with one objective. */
export interface Stage {
  objective: ObjectiveKind;
  /** Number of updates in this stage. */
  steps: number;
}

const mainObjectives: Record<AlignmentOption['kind'], ObjectiveKind> = { single: contrastive, dual };

/** The objectives of the captioning stage. */
export const writingObjectives = { captions, denoising, summaries };

/** The objective of the main stage. */
export const mainObjective = ({ alignment }: Pick<MoonConfig, 'alignment'>) =>
  mainObjectives[alignmentOption(alignment).kind];

/** The stages of a run in order. An objective may have several. */
export function stagesOf(config: Pick<MoonConfig, 'captioning' | 'optimizer' | 'alignment'>): Stage[] {
  const {
    captioning,
    optimizer: { steps },
  } = config;
  const main = mainObjective(config);
  if (captioning.kind === 'none') return [{ objective: main, steps }];
  const first = writingObjectives[captioning.kind];
  const writing = Math.round(captioning.fraction * steps);
  if (captioning.when === 'between') return spread(first, writing, main, steps);
  return [
    { objective: first, steps: writing },
    { objective: main, steps: steps - writing },
  ];
}

/** `count` steps of one objective evenly among `steps` in all, the others of another. */
function spread(one: ObjectiveKind, count: number, other: ObjectiveKind, steps: number): Stage[] {
  const stages: Stage[] = [];
  for (let step = 0; step < steps; step++) {
    const isOne = Math.floor(((step + 1) * count) / steps) > Math.floor((step * count) / steps);
    const objective = isOne ? one : other;
    const last = stages.at(-1);
    if (last?.objective === objective) last.steps++;
    else stages.push({ objective, steps: 1 });
  }
  return stages;
}
