import { runSeedStudy, type SeedStudyOptions } from '../ablate/run/seed-study.js';
import type { StudyResult } from '../ablate/run/study-result.js';
import type { TrialResult } from '../ablate/run/trial.js';
import { generateShop } from '../datasets/shop/shop.js';
import { preparePixels } from '../encoder/prepare.js';
import { settings as engine } from '../engine/settings.js';
import { chanceOf } from '../tasks/kinds/chance.js';
import { classification } from '../tasks/kinds/classification.js';
import { studyProvenance } from '../train/run/provenance.js';
import { type GraphQuestion, graphCatalogue, graphProduct, graphQuestions } from './catalogue.js';
import { questionsOf, taskNames } from './study-answers.js';
import { type GraphData, graphRows } from './study-rows.js';
import { GRAPHS, type GraphSettings, graphPrediction, graphSettings } from './study-settings.js';

export interface GraphsStudyOptions extends SeedStudyOptions {
  settings?: Partial<GraphSettings>;
}

/**
 * The study of graph pictures (after STAR-64K, arXiv 2510.21828): a network answers seven kinds of questions about drawn graphs by listing the triples
 * that it reasons from. It learns from answers, then from rewards of its own or from as many updates more. The tables are written into the folder.
 * @throws UserError for a setting that does not fit
 * @example
 * ```ts
 * const result = await moon.graphs.graphsStudy({ out: 'studies/graphs', seeds: [1] });
 * console.log(moon.ablate.studyText(result));
 * ```
 */
export function graphsStudy({ settings: given, ...options }: GraphsStudyOptions): Promise<StudyResult> {
  const settings = { ...graphSettings, ...given };
  const { split, nodes, questions: counts, encoder: config } = settings;
  return runSeedStudy((say, signal) => {
    const shop = generateShop(settings.shop);
    const all = graphQuestions(shop, { nodes, questions: { train: counts.train, [split]: counts.asked } });
    const known = all.filter((question) => question.split === 'train');
    const asked = all.filter((question) => question.split === split);
    let data: GraphData | undefined;
    return {
      about: {
        name: GRAPHS,
        prediction: graphPrediction,
        data: { kind: 'shop', options: settings.shop },
        provenance: studyProvenance(shop, engine.threads),
        budget: { kind: 'items', steps: config.optimizer.steps },
        split,
      },
      settings,
      tasksOf: () => taskNames.map((name) => taskOf(name, asked)),
      async runSeed(seed, onProgress, ofSeed) {
        const pictured = graphCatalogue(all, 'plain');
        const curved = asked.map((question) => graphProduct(question, 'curved'));
        const catalogue = { ...pictured, products: [...pictured.products, ...curved] };
        data ??= {
          known,
          asked,
          pixels: await preparePixels(config, catalogue, {
            onProgress: (done, total, label) => say(label, done, total),
            signal,
          }),
        };
        return graphRows(data, settings, { seed, onProgress, signal: ofSeed });
      },
    };
  }, options);
}

function taskOf(name: string, asked: readonly GraphQuestion[]): TrialResult['tasks'][number] {
  const own = questionsOf(name, asked);
  const answersOf = (of: string) => [...new Set(own.filter(({ kind }) => kind === of).map(({ answer }) => answer))];
  return {
    name,
    title: titleOf(name),
    kind: classification.name,
    query: name === 'all.curved' ? 'a graph in the style that training does not show' : 'a graph',
    gallery: 'what the network writes',
    products: 'unseen',
    n: own.length,
    items: new Set(own.map(({ answer }) => answer)).size,
    chance: chanceOf({
      kind: classification.name,
      items: [],
      asks: own.map(({ kind, answer }) => ({ gold: [answer], choices: answersOf(kind) })),
    }),
  };
}

const titleOf = (name: string) =>
  name === 'all'
    ? 'all kinds of questions'
    : name === 'all.curved'
      ? 'all kinds, graphs drawn in another style'
      : name === 'all.contradicting'
        ? 'all kinds, graphs that contradict the shop'
        : `questions of the kind ${name}`;
