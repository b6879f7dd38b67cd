import type { Say, SeedRow } from '../ablate/run/seed-study.js';
import type { Encoder } from '../encoder/encoder.js';
import type { Pixels } from '../pictures/picture-store.js';
import { type CompletionData, openFilling } from './filling.js';
import { pictureRows } from './picture-rows.js';
import type { CompletionSettings } from './study-settings.js';
import { titleRows } from './title-rows.js';

/** Fill titles and pictures in every way, look for the products, and recommend them. The network is that of the seed. */
export async function completionRows(
  data: CompletionData,
  network: { encoder: Encoder; pixels: Pixels },
  settings: CompletionSettings,
  { seed, onProgress, signal }: { seed: number; onProgress: Say; signal: AbortSignal },
): Promise<SeedRow[]> {
  const filling = await openFilling(data, network, settings, { seed, signal });
  const titles = await titleRows(filling, settings, onProgress);
  const pictures = await pictureRows(filling);
  const parameters = network.encoder.parameters.size;
  return [...new Set([...Object.keys(titles), ...Object.keys(pictures)])].map((name) => ({
    name,
    tasks: { ...titles[name]?.tasks, ...pictures[name] },
    parameters,
    ...(titles[name] && { measures: titles[name].measures }),
  }));
}
