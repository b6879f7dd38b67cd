import { runSeedStudy, type Say, type SeedStudyOptions } from '../ablate/run/seed-study.js';
import type { StudyResult } from '../ablate/run/study-result.js';
import type { TrialResult } from '../ablate/run/trial.js';
import type { MoonConfig } from '../config/config.js';
import { areRelated, shopLinks } from '../datasets/shop/relations.js';
import { generateShop } from '../datasets/shop/shop.js';
import type { Shop } from '../datasets/shop/shop-type.js';
import { embedSequences } from '../encoder/embed.js';
import { sequenceOptions } from '../encoder/encoder.js';
import { preparePixels } from '../encoder/prepare.js';
import { startNetwork } from '../encoder/start-network.js';
import { settings as engine } from '../engine/settings.js';
import { productSequence } from '../moon/sequence.js';
import type { Pixels } from '../pictures/picture-store.js';
import type { Embeddings } from '../search/embeddings.js';
import { chanceOf } from '../tasks/kinds/chance.js';
import { retrieval } from '../tasks/kinds/retrieval.js';
import { train } from '../train/loop.js';
import { studyProvenance } from '../train/run/provenance.js';
import { type Relation, relations } from './edge.js';
import { type Link, offeredItems } from './rank-links.js';
import { type LinksOf, type RelationData, relationRows, taskName } from './study-rows.js';
import { RELATIONS, type RelationSettings, relationPrediction, relationSettings } from './study-settings.js';

export interface RelationStudyOptions extends SeedStudyOptions {
  settings?: Partial<RelationSettings>;
}

/**
 * The study of relations between items (after MMSC, arXiv 2507.22268): substitutes and complements of a generated shop by a known rule, with wrong
 * edges among those of training, and held-out links to predict. Contents are the embeddings of an encoder that each seed trains. The tables are
 * written into the folder.
 * @throws UserError for a setting that does not fit
 * @example
 * ```ts
 * const result = await moon.relations.relationStudy({ out: 'studies/relations', seeds: [1] });
 * console.log(moon.ablate.studyText(result));
 * ```
 */
export function relationStudy({ settings: given, ...options }: RelationStudyOptions): Promise<StudyResult> {
  const settings = { ...relationSettings, ...given };
  return runSeedStudy((say, signal) => {
    const shop = generateShop(settings.shop);
    const facts = shop.products.map(({ id }) => shop.facts.get(id)!);
    const links = linksOf(shop, settings);
    const isAlsoRight: RelationData['isAlsoRight'] = (relation, [from, to], item) =>
      item !== to && areRelated(relation, facts[from], facts[item]);
    const leaves = facts.map(({ category }) => category);
    let pixels: Pixels | undefined;
    return {
      about: {
        name: RELATIONS,
        prediction: relationPrediction,
        data: { kind: 'shop', options: settings.shop },
        provenance: studyProvenance(shop, engine.threads),
        budget: { kind: 'items', steps: settings.training.steps ?? 0 },
        split: 'val',
      },
      settings,
      tasksOf: () => relationTasks(settings, links, leaves, isAlsoRight),
      async runSeed(seed, sayOfSeed, ofSeed) {
        const config = { ...settings.encoder, seed };
        pixels ??= await preparePixels(config, shop, {
          drawings: `${options.out}/pictures`,
          onProgress: (done, total, label) => say(label, done, total),
          signal,
        });
        const content = await contents(config, shop, pixels, sayOfSeed, ofSeed);
        const data = { content, leaves, links, isAlsoRight };
        const { training, closerAt } = settings;
        return relationRows(data, { training, closerAt, seed, onProgress: sayOfSeed, signal: ofSeed });
      },
    };
  }, options);
}

function linksOf(shop: Shop, { links, wrong }: RelationSettings): Map<number, LinksOf> {
  const of = (relation: Relation, percent: number) => shopLinks(shop, relation, { ...links, wrong: percent / 100 });
  return new Map(
    wrong.map((percent) => [percent, { substitute: of('substitute', percent), complement: of('complement', percent) }]),
  );
}

/** Train an encoder, and embed all products with their pictures and texts. */
async function contents(
  config: MoonConfig,
  shop: Shop,
  pixels: Pixels,
  say: Say,
  signal: AbortSignal,
): Promise<Embeddings> {
  const encoder = startNetwork(config, shop);
  try {
    const { steps } = config.optimizer;
    await train(encoder, shop, pixels, { onStep: ({ step }) => say('contents', step, steps), signal });
    const read = sequenceOptions(encoder, pixels);
    return await embedSequences(
      encoder,
      shop.products.map((product) => productSequence(product, read)),
      pixels,
      { signal },
    );
  } finally {
    encoder.parameters.dispose();
  }
}

const goals = { substitute: 'an item that would do as well', complement: 'an item that goes with it' };

function relationTasks(
  { closerAt }: RelationSettings,
  links: ReadonlyMap<number, LinksOf>,
  leaves: readonly string[],
  isAlsoRight: RelationData['isAlsoRight'],
): TrialResult['tasks'] {
  const count = leaves.length;
  const about = (
    relation: Relation,
    wrong: number,
    part: 'leaf' | 'edgeless' | undefined,
    asked: readonly Link[],
  ): TrialResult['tasks'][number] => {
    const isOffered = (link: Link, item: number) =>
      !isAlsoRight(relation, link, item) && (part !== 'leaf' || leaves[item] === leaves[link[1]]);
    const offered = asked.map((link) => offeredItems(link, count, isOffered));
    const of = part === 'leaf' ? ', within its leaf' : part === 'edgeless' ? ', of an item without edges' : '';
    return {
      name: taskName(relation, wrong, part),
      title: `item -> ${goals[relation]}${of}; ${wrong}% wrong edges`,
      kind: retrieval.name,
      query: 'an item',
      gallery: 'all items but those that would be right too',
      products: 'seen',
      n: asked.length,
      items: Math.round(offered.reduce((sum, each) => sum + each, 0) / offered.length),
      chance: chanceAmong(offered),
    };
  };
  const closer = links.get(closerAt);
  return [
    ...[...links].flatMap(([wrong, of]) =>
      relations.map((relation) => about(relation, wrong, undefined, of[relation].val)),
    ),
    ...(closer
      ? relations.flatMap((relation) => [
          about(relation, closerAt, 'leaf', closer[relation].val),
          about(relation, closerAt, 'edgeless', closer[relation].edgeless),
        ])
      : []),
  ];
}

/** The chance of one right item among others. @param offered number of items of each query */
function chanceAmong(offered: readonly number[]): Record<string, number> {
  const lists = new Map(offered.map((count) => [count, Array.from({ length: count }, (_, at) => `${at}`)]));
  return chanceOf({
    kind: retrieval.name,
    items: [],
    asks: offered.map((count) => ({ gold: ['0'], choices: lists.get(count)! })),
  });
}
