import { runSeedStudy, type SeedStudyOptions } from '../ablate/run/seed-study.js';
import type { StudyResult } from '../ablate/run/study-result.js';
import type { TrialResult } from '../ablate/run/trial.js';
import { generateShop } from '../datasets/shop/shop.js';
import { shopShoppers } from '../datasets/shop/shoppers.js';
import { preparePixels } from '../encoder/prepare.js';
import { startNetwork } from '../encoder/start-network.js';
import { settings as engine } from '../engine/settings.js';
import type { Pixels } from '../pictures/picture-store.js';
import { chanceOf } from '../tasks/kinds/chance.js';
import { retrieval } from '../tasks/kinds/retrieval.js';
import { train } from '../train/loop.js';
import { studyProvenance } from '../train/run/provenance.js';
import { type CompletionData, type MissingPart, missingParts, taskName } from './filling.js';
import { completionRows } from './study-rows.js';
import { COMPLETION, type CompletionSettings, completionPrediction, completionSettings } from './study-settings.js';

export interface CompletionStudyOptions extends SeedStudyOptions {
  settings?: Partial<CompletionSettings>;
}

/**
 * The study of missing titles and pictures (after MMPCBench, arXiv 2601.19750): products of a gallery lose one of the two, fillers stand in, and queries
 * by text look for the products. One network a seed retrieves, compares pictures and writes titles. The tables are written into the folder.
 * @throws UserError for a setting that does not fit
 * @example
 * ```ts
 * const result = await moon.complete.completionStudy({ out: 'studies/completion', seeds: [1] });
 * console.log(moon.ablate.studyText(result));
 * ```
 */
export function completionStudy({ settings: given, ...options }: CompletionStudyOptions): Promise<StudyResult> {
  const settings = { ...completionSettings, ...given };
  const { split, encoder: config } = settings;
  return runSeedStudy((say, signal) => {
    const shop = generateShop(settings.shop);
    const productsOf = (of: string) => shop.products.filter(({ id }) => shop.splits.get(id) === of);
    const gallery = productsOf(split);
    const data: CompletionData = {
      shop,
      known: productsOf('train'),
      gallery,
      shoppers: shopShoppers(shop, gallery, settings.shoppers),
      asked: shop.pairs.filter(({ query, split: of }) => of === split && query.text && !query.image),
    };
    let pixels: Pixels | undefined;
    return {
      about: {
        name: COMPLETION,
        prediction: completionPrediction,
        data: { kind: 'shop', options: settings.shop },
        provenance: studyProvenance(shop, engine.threads),
        budget: { kind: 'items', steps: config.optimizer.steps },
        split,
      },
      settings,
      tasksOf: ([{ tasks }]) =>
        missingParts.flatMap((part) =>
          settings.rates.flatMap((rate) => [
            taskOf(part, rate, data, data.asked.length),
            ...(rate === settings.closerAt
              ? [taskOf(part, rate, data, tasks[taskName(part, rate, 'filled')].length, 'filled')]
              : []),
            recommendedTask(part, rate, data, settings),
          ]),
        ),
      async runSeed(seed, onProgress, ofSeed) {
        const own = { ...config, seed };
        pixels ??= await preparePixels(own, shop, {
          drawings: `${options.out}/pictures`,
          onProgress: (done, total, label) => say(label, done, total),
          signal,
        });
        const encoder = startNetwork(own, shop);
        try {
          const { steps } = own.optimizer;
          await train(encoder, shop, pixels, {
            onStep: ({ step }) => onProgress('network', step, steps),
            signal: ofSeed,
          });
          return await completionRows(data, { encoder, pixels }, settings, { seed, onProgress, signal: ofSeed });
        } finally {
          encoder.parameters.dispose();
        }
      },
    };
  }, options);
}

function taskOf(
  part: MissingPart,
  rate: number,
  { gallery }: CompletionData,
  n: number,
  of?: 'filled',
): TrialResult['tasks'][number] {
  return {
    name: taskName(part, rate, of),
    title: `text -> product, ${lacking(part, rate)}${of ? '; those alone' : ''}`,
    query: 'a text',
    n,
    ...searchedAmong(gallery.length),
  };
}

function recommendedTask(
  part: MissingPart,
  rate: number,
  { gallery, shoppers }: CompletionData,
  { heldOut, shoppers: { purchases } }: CompletionSettings,
): TrialResult['tasks'][number] {
  return {
    name: taskName(part, rate, 'recommended'),
    title: `shopper -> product, ${lacking(part, rate)}`,
    query: 'earlier purchases',
    n: shoppers.length * heldOut,
    ...searchedAmong(gallery.length - (purchases - heldOut)),
  };
}

const lacking = (part: MissingPart, rate: number) => `${rate}% of the gallery lack the ${part}`;

/** What searches in a gallery of so many products have in common. */
function searchedAmong(items: number) {
  const ids = Array.from({ length: items }, (_, at) => String(at));
  const chance = chanceOf({ kind: retrieval.name, items: [], asks: [{ gold: ids.slice(0, 1), choices: ids }] });
  return { kind: retrieval.name, gallery: 'image and title', products: 'unseen' as const, items, chance };
}
