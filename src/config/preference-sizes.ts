import { readsGates } from '../losses/objective-weights/option.js';
import { alignmentOption, objectivesOf } from '../objectives/dual/option.js';
import type { MoonConfig } from './config.js';

/** Number of experts and of objectives, where a config weighs its objectives by what experts prefer. */
export function preferenceSizes({
  alignment,
  experts,
}: Pick<MoonConfig, 'alignment' | 'experts'>): readonly [number, number] | undefined {
  const option = alignmentOption(alignment);
  if (option.kind === 'single' || experts.kind !== 'modality' || !readsGates(option.weights)) return undefined;
  return [experts.count, objectivesOf(option).length];
}
