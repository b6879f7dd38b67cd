import type { Say } from '../ablate/run/seed-study.js';
import type { MoonConfig } from '../config/config.js';
import type { Product } from '../data/types.js';
import type { Shop } from '../datasets/shop/shop-type.js';
import { statedFacts } from '../datasets/shop/stated-facts.js';
import type { Encoder } from '../encoder/encoder.js';
import type { WrittenText } from '../encoder/writing/write-texts.js';
import { captions } from '../objectives/captions/captions.js';
import { groupRelative } from '../objectives/group-relative/group-relative.js';
import type { ObjectiveKind } from '../objectives/objective.js';
import type { Pixels } from '../pictures/picture-store.js';
import type { StepRecord } from '../train/step-record.js';
import { trainCopy } from '../train/train-copy.js';

/** Further training of a network that writes titles. */
export interface WriterTuning {
  steps: number;
  /** Peak of the learning rate. */
  rate: number;
  /** Products of an update, and titles that are written of each to be compared. */
  products: number;
  samples: number;
}

/** A network that was trained further, and what was measured on the way. */
export interface TunedWriter {
  encoder: Encoder;
  measures: Record<string, number>;
}

/**
 * F1 of the facts that a title states: what is left out costs as well as what is wrong. (A reward of right less wrong ones teaches silence: a title of
 * one safe word has more of it than one of seven likely ones.) A title without an end, or in a loop, has no reward.
 */
export const factReward =
  (shop: Shop) =>
  ({ text, ended }: Pick<WrittenText, 'text' | 'ended'>, { id }: Pick<Product, 'id'>): number => {
    if (ended !== 'stop') return 0;
    const { right, wrong, unsaid } = statedFacts(text, shop.facts.get(id)!);
    const facts = new Set([...right, ...wrong, ...unsaid]).size;
    return (2 * right.length) / (right.length + wrong.length + facts);
  };

/**
 * Two networks that start from a trained one and get equally many updates: by rewards of the titles that it writes, and, as the control, by the
 * titles of training. The caller frees both.
 */
export async function tunedWriters(
  encoder: Encoder,
  shop: Shop,
  pixels: Pixels,
  tuning: WriterTuning & { most: number },
  { onProgress, signal }: { onProgress: Say; signal: AbortSignal },
): Promise<{ rewarded: TunedWriter; supervised: TunedWriter }> {
  const { steps, products, samples, most } = tuning;
  const objective = groupRelative({ question: 'title', reward: factReward(shop), products, samples, most });
  const config = tuningConfig(encoder.config, tuning);
  const tune = async (name: string, kind: ObjectiveKind): Promise<TunedWriter> => {
    const rewards: number[] = [];
    let flat = 0;
    const onStep = ({ step, measures }: StepRecord) => {
      onProgress(name, step, steps);
      if (measures.reward === undefined) return;
      rewards.push(measures.reward);
      flat += measures.flat / steps;
    };
    const own = await trainCopy(encoder, { config, objective: kind }, { catalogue: shop, pixels }, { onStep, signal });
    const some = Math.max(1, Math.round(steps / 10));
    if (!rewards.length) return { encoder: own, measures: {} };
    const [first, last] = [mean(rewards.slice(0, some)), mean(rewards.slice(-some))];
    return { encoder: own, measures: { 'first reward': first, 'last reward': last, 'flat groups': flat } };
  };
  const supervised = await tune('more titles', captions);
  const rewarded = await tune('rewards', objective);
  return { rewarded, supervised };
}

function tuningConfig(config: MoonConfig, { steps, rate }: WriterTuning): MoonConfig {
  const optimizer = { ...config.optimizer, steps, rate, warmUpSteps: Math.ceil(steps / 10) };
  return {
    ...config,
    optimizer,
    average: { kind: 'none' },
    captioning: { kind: 'captions', fraction: 1, questions: ['title'] },
  };
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
