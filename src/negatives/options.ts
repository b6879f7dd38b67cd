import { wrongOption } from '../checks/error.js';
import { checkHard, type HardOption } from './hard.js';
import { checkTemporal, type TemporalOption } from './queue.js';
import { checkWeights, type SourceName, sourceNames } from './sources.js';
import { checkSpatial, type SpatialOption } from './spatial.js';

/** Which sources of negatives a run has: every one can be off, alone or in any mix. */
export interface NegativesOption {
  /** What the other queries of the group bought. */
  inBatch: { kind: 'batch'; weight?: number } | { kind: 'none' };
  hard: HardOption;
  spatial: SpatialOption;
  temporal: TemporalOption;
}

/** What a contrastive loss needs to know of them. */
export interface SourceUse {
  weights: Record<SourceName, number>;
}

/** @throws UserError for a wrong option. */
export function checkNegatives(option: NegativesOption): void {
  if (option.inBatch.kind !== 'batch' && option.inBatch.kind !== 'none')
    throw wrongOption('inBatch.kind', (option.inBatch as { kind: unknown }).kind, 'one of batch | none');
  checkHard(option.hard);
  checkSpatial(option.spatial);
  checkTemporal(option.temporal);
  checkWeights(sourceUse(option).weights);
}

/** The weight of every source, 0 where it is off: the options of `infoNce`. */
export function sourceUse(option: NegativesOption): SourceUse {
  const weightOf = (source: { kind: string; weight?: number }) => (source.kind === 'none' ? 0 : (source.weight ?? 1));
  const weights = Object.fromEntries(sourceNames.map((name) => [name, weightOf(option[name])]));
  return { weights: weights as Record<SourceName, number> };
}
