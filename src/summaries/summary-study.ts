import { runSeedStudy, type SeedRow, type SeedStudyOptions } from '../ablate/run/seed-study.js';
import type { StudyResult } from '../ablate/run/study-result.js';
import type { MoonConfig } from '../config/config.js';
import { sellerTexts, withSellerTexts } from '../datasets/shop/seller-text.js';
import { generateShop } from '../datasets/shop/shop.js';
import { preparePixels } from '../encoder/prepare.js';
import { settings as engine } from '../engine/settings.js';
import type { Pixels } from '../pictures/picture-store.js';
import { scored } from '../tasks/kinds/score.js';
import { studyProvenance } from '../train/run/provenance.js';
import { type SummaryData, summaryRows, summaryTasks } from './study-rows.js';
import { SUMMARY, type SummarySettings, summaryPrediction, summarySettings } from './study-settings.js';

export interface SummaryStudyOptions extends SeedStudyOptions {
  settings?: Partial<SummarySettings>;
}

/**
 * The study of summaries (after MMAPS, arXiv 2308.11351): sellers' long texts that leave two of four facts to the photo, summarised by a network with
 * four losses, without each of them, without the photo, the text or the gate, with photos of other products, and by controls without a network. The
 * tables are written into the folder.
 * @throws UserError for a setting that does not fit
 * @example
 * ```ts
 * const result = await moon.summaries.summaryStudy({ out: 'studies/summary', seeds: [1] });
 * console.log(moon.ablate.studyText(result));
 * ```
 */
export function summaryStudy({ settings: given, ...options }: SummaryStudyOptions): Promise<StudyResult> {
  const settings = { ...summarySettings, ...given };
  const { split, encoder } = settings;
  return runSeedStudy((say, signal) => {
    const plain = generateShop(settings.shop);
    const sellers = sellerTexts(plain);
    const shop = withSellerTexts(plain, sellers);
    const read = new Map<string, Promise<Pixels>>();
    const pixelsOf = (config: MoonConfig) => {
      const { kind } = config.vision;
      const found =
        read.get(kind) ??
        preparePixels(config, shop, {
          drawings: `${options.out}/pictures`,
          onProgress: (done, total, label) => say(label, done, total),
          signal,
        });
      read.set(kind, found);
      return found;
    };
    const data: SummaryData = {
      shop,
      sellers,
      asked: shop.products.filter(({ id }) => shop.splits.get(id) === split),
      pixelsOf,
    };
    return {
      about: {
        name: SUMMARY,
        prediction: summaryPrediction,
        data: { kind: 'shop', options: settings.shop },
        provenance: studyProvenance(shop, engine.threads),
        budget: { kind: 'items', steps: encoder.optimizer.steps },
        split,
      },
      settings,
      tasksOf: (rows) => tasksOf(data, rows),
      runSeed: (seed, onProgress, ofSeed) => summaryRows(data, settings, { seed, onProgress, signal: ofSeed }),
    };
  }, options);
}

/** Chance is the summary of another product. */
function tasksOf({ asked }: SummaryData, rows: readonly SeedRow[]) {
  const random = rows.find(({ name }) => name === 'random')!;
  return Object.entries(summaryTasks).map(([name, title]) => {
    const values = random.tasks[name].map(({ value = 0 }) => value);
    return {
      name,
      title,
      kind: scored.name,
      query: 'a photo and the text of a seller',
      gallery: 'none: texts are written',
      products: 'unseen' as const,
      n: asked.length,
      items: 0,
      chance: { score: values.reduce((sum, value) => sum + value, 0) / values.length },
    };
  });
}
