import type { MoonConfig } from '../config/config.js';
import { configDifference } from '../config/config-difference.js';
import { withSteps } from '../config/with-steps.js';
import type { Catalogue } from '../data/types.js';
import { startNetwork } from '../encoder/encoder.js';
import { stagesOf } from '../objectives/index.js';
import type { Pixels } from '../pictures/picture-store.js';
import { trainSteps } from './loop.js';

/** Updates of a probe: with four, a queue that counts from the second half on has negatives in it. */
const STEPS = 4;

/** Settings that decide pictures; networks of different pictures are not compared. */
const ofPictures = ['imageSize', 'region', 'vision', 'augment'] as const;

/** Settings of MOON's pieces and of the loss: a change of one of them is meant to change the first losses. */
const ofPieces = /^(experts|balance|views|negatives|sampler|loss|auxiliary|attention|pooling)(\.|$)/;

/**
 * The settings among what differs between two configs that change nothing of the first losses, to the bit: whoever set them would compare a
 * network with itself. Undefined where the losses differ, where no piece was changed, or where the pictures differ.
 */
export async function changesNothing(
  base: MoonConfig,
  config: MoonConfig,
  catalogue: Catalogue,
  pixels: Pixels,
): Promise<string[] | undefined> {
  const changed = configDifference(base, config).map(({ path }) => path);
  const pieces = changed.filter((path) => ofPieces.test(path));
  const alike = ofPictures.every((part) => JSON.stringify(base[part]) === JSON.stringify(config[part]));
  if (!pieces.length || !alike) return undefined;
  // Everything else as in the config, so that a difference in steps or seed cannot hide that the pieces do nothing.
  const before = { ...config, ...piecesOf(base) };
  const [own, others] = [await firstLosses(config), await firstLosses(before)];
  return own.every((loss, at) => loss === others[at]) ? pieces : undefined;

  async function firstLosses(of: MoonConfig): Promise<number[]> {
    const short: MoonConfig = { ...withSteps(of, STEPS), engine: { ...of.engine, compile: false } };
    const encoder = startNetwork(short, catalogue);
    // Of a captioning stage one step: a fraction of four would be none.
    const stages = stagesOf(of).flatMap((stage, at, all) =>
      stage.steps ? [{ ...stage, steps: at < all.length - 1 ? 1 : STEPS }] : [],
    );
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
  const { experts, balance, views, negatives, sampler, loss, auxiliary, attention, pooling } = config;
  return { experts, balance, views, negatives, sampler, loss, auxiliary, attention, pooling };
}
