import type { MoonConfig } from '../config/config.js';
import { configDifference } from '../config/config-difference.js';
import { withSteps } from '../config/with-steps.js';
import type { Catalogue } from '../data/types.js';
import { startNetwork } from '../encoder/start-network.js';
import { mainObjective, stagesOf } from '../objectives/index.js';
import type { Pixels } from '../pictures/picture-store.js';
import { trainSteps } from './loop.js';

/** Updates of a probe. With four, a queue that starts in the second half already contributes negatives. */
const STEPS = 4;

/** Settings that determine the images. Models with different images are not compared. */
const ofPictures = ['imageSize', 'region', 'vision', 'augment'] as const;

/** Settings of MOON's components and of the loss. Changing one of them is expected to change the first losses. */
const ofPieces = /^(experts|balance|views|negatives|alignment|sampler|loss|auxiliary|attention|pooling)(\.|$)/;

/**
 * Find settings that differ between two configs but leave the first losses identical, bit for bit: a comparison of the two would compare a
 * model with itself. Undefined if the losses differ, if no component was changed, if the images differ, or for the network of a folder.
 */
export async function ineffectiveSettings(
  base: MoonConfig,
  config: MoonConfig,
  catalogue: Catalogue,
  pixels: Pixels,
): Promise<string[] | undefined> {
  const changed = configDifference(base, config).map(({ path }) => path);
  const pieces = changed.filter((path) => ofPieces.test(path));
  const alike = ofPictures.every((part) => JSON.stringify(base[part]) === JSON.stringify(config[part]));
  // The probes run operation by operation, for which a published network may be too large.
  if (!pieces.length || !alike || 'from' in config.network) return undefined;
  // All other settings are those of `config`, so that a difference in steps or seed cannot hide that the components have no effect.
  const before = { ...config, ...piecesOf(base) };
  const [own, others] = [await firstLosses(config), await firstLosses(before)];
  return own.every((loss, at) => loss === others[at]) ? pieces : undefined;

  async function firstLosses(of: MoonConfig): Promise<number[]> {
    const short: MoonConfig = { ...withSteps(of, STEPS), engine: { ...of.engine, compile: false } };
    const encoder = startNetwork(short, catalogue);
    // One step of a captioning stage, because a fraction of four steps would round to none.
    const kinds = new Set(stagesOf(of).flatMap(({ objective, steps }) => (steps ? objective : [])));
    const main = mainObjective(of);
    const stages = [...kinds].map((objective) => ({ objective, steps: objective === main ? STEPS : 1 }));
    const losses: number[] = [];
    try {
      for await (const { loss } of trainSteps(encoder, catalogue, pixels, { stages })) losses.push(loss);
    } finally {
      encoder.parameters.dispose();
    }
    return losses;
  }
}

function piecesOf(config: MoonConfig): Partial<MoonConfig> {
  const { experts, balance, views, negatives, alignment, sampler, loss, auxiliary, attention, pooling } = config;
  return { experts, balance, views, negatives, alignment, sampler, loss, auxiliary, attention, pooling };
}
