import { join } from 'node:path';
import { runSeedStudy, type SeedStudyOptions } from '../ablate/run/seed-study.js';
import type { StudyResult } from '../ablate/run/study-result.js';
import { generateShop } from '../datasets/shop/shop.js';
import { settings as engine } from '../engine/settings.js';
import { multiLabel } from '../tasks/kinds/multi-label.js';
import { studyProvenance } from '../train/run/provenance.js';
import { chanceOfLabels } from './label-answers.js';
import { instanceOption } from './option.js';
import { type InstanceData, type InstancePictures, instanceData, instancePictures } from './study-data.js';
import { instanceRows, instanceTasks } from './study-rows.js';
import { INSTANCES, type InstanceSettings, instancePrediction, instanceSettings } from './study-settings.js';

export interface InstanceStudyOptions extends SeedStudyOptions {
  settings?: Partial<InstanceSettings>;
}

/**
 * The study of several products in a picture (after Product1M and its CAPTURE, arXiv 2107.14572): pictures of a generated shop that show two to four
 * products, each to be found among pictures of one; proposers of boxes with one network, and the losses of that network with one proposer. The
 * proposer is learned once, networks by seed. The tables are written into the folder.
 * @throws UserError for a setting that does not fit
 * @example
 * ```ts
 * const result = await moon.instances.instanceStudy({ out: 'studies/instances', seeds: [1] });
 * console.log(moon.ablate.studyText(result));
 * ```
 */
export function instanceStudy({ settings: given, ...options }: InstanceStudyOptions): Promise<StudyResult> {
  const settings = { ...instanceSettings, ...given };
  const { training, split } = settings;
  return runSeedStudy((say, signal) => {
    const shop = generateShop(settings.shop);
    const pictures = instancePictures(shop, settings);
    let data: InstanceData | undefined;
    return {
      about: {
        name: INSTANCES,
        prediction: instancePrediction,
        data: { kind: 'shop', options: settings.shop },
        provenance: studyProvenance(shop, engine.threads),
        budget: { kind: 'items', steps: instanceOption(training).steps },
        split,
      },
      settings,
      tasksOf: () => tasksOf(pictures),
      async runSeed(seed, onProgress, ofSeed) {
        data ??= await instanceData(pictures, settings, { folder: join(options.out, 'features'), say, signal });
        return instanceRows(data, { training, seed, onProgress, signal: ofSeed });
      },
    };
  }, options);
}

function tasksOf({ ask, gallery }: InstancePictures) {
  const chance = chanceOfLabels(
    ask.map(({ members }) => members.map(({ product }) => product)),
    gallery.map(({ product }) => product),
  );
  return Object.entries(instanceTasks).map(([name, title]) => ({
    name,
    title,
    kind: multiLabel.name,
    query: name === 'caption' ? 'a caption' : name === 'both' ? 'a photo and its caption' : 'a photo',
    gallery: 'pictures of single products',
    products: 'unseen' as const,
    n: ask.length,
    items: gallery.length,
    chance,
  }));
}
