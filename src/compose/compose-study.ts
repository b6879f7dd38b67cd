import { runSeedStudy, type SeedStudyOptions } from '../ablate/run/seed-study.js';
import type { StudyResult } from '../ablate/run/study-result.js';
import { generateShop } from '../datasets/shop/shop.js';
import { settings as engine } from '../engine/settings.js';
import { studyProvenance } from '../train/run/provenance.js';
import { openQuizData } from './open-data.js';
import { QUIZ, quizTasks } from './quiz-tasks.js';
import { rowsOfSeed, type SeedRow } from './seed-rows.js';
import { COMPOSE, type CompositionSettings, compositionPrediction, compositionSettings } from './settings.js';
import { trainSeed } from './train-seed.js';

export interface CompositionOptions extends SeedStudyOptions {
  settings?: Partial<CompositionSettings>;
}

/**
 * The study of composed networks (NaiveMC and DAMC, arXiv 2402.12750): a language model from scratch, a model of each of three modalities on top of
 * it, and their compositions, which train nothing, asked which value three products share that are each shown in another modality.
 * Every seed trains all of its networks anew. The tables are written into the folder.
 * @throws UserError for a setting that does not fit
 * @example
 * ```ts
 * const result = await moon.compose.compositionStudy({ out: 'studies/compose', seeds: [1] });
 * console.log(moon.ablate.studyText(result));
 * ```
 */
export function compositionStudy({ settings: given, ...options }: CompositionOptions): Promise<StudyResult> {
  const settings = { ...compositionSettings, ...given };
  return runSeedStudy<SeedRow>((say) => {
    const shop = generateShop(settings.shop);
    let opened: Awaited<ReturnType<typeof openQuizData>> | undefined;
    return {
      about: {
        name: COMPOSE,
        prediction: compositionPrediction,
        data: { kind: 'shop', options: settings.shop },
        provenance: studyProvenance(shop, engine.threads),
        budget: { kind: 'items', steps: settings.expert.steps },
        split: 'val',
      },
      settings,
      tasksOf: ([first]) => quizTasks(first.tasks[QUIZ].length),
      async runSeed(seed, sayOfSeed, signal) {
        opened ??= await openQuizData(settings, shop, options.out, say, signal);
        const { data, quizzes } = opened;
        const trained = await trainSeed(settings, data, quizzes.train, { seed, onProgress: sayOfSeed, signal });
        try {
          return await rowsOfSeed(settings, data, quizzes, trained, signal);
        } finally {
          trained.dispose();
        }
      },
    };
  }, options);
}
