import type { SeedRow } from '../ablate/run/seed-study.js';
import type { Answer } from '../ablate/run/trial.js';
import type { ShopLinks } from '../datasets/shop/relations.js';
import * as tf from '../engine/tf.js';
import type { Embeddings } from '../search/embeddings.js';
import { areaUnderCurve } from '../statistics/auc.js';
import { edgeList, type Relation, relations } from './edge.js';
import { randomScores, scoresOfContent, scoresOfGroups, scoresOfPopularity, scoresOfVectors } from './link-scores.js';
import type { RelationOption } from './option.js';
import { type Link, rankLinks, type ScoreItems } from './rank-links.js';
import { edgeFactors, relatedVectors } from './related-vectors.js';
import { type RelationModel, trainRelations } from './train-relations.js';

/** Links of both relations at one fraction of wrong edges. */
export type LinksOf = Readonly<Record<Relation, ShopLinks>>;

/** What the rows of a seed are computed from. */
export interface RelationData {
  content: Embeddings;
  /** Leaf category of every item. */
  leaves: readonly string[];
  /** By percent of wrong edges. */
  links: ReadonlyMap<number, LinksOf>;
  /** Whether an item would be right for a link too, and is not offered. */
  isAlsoRight(relation: Relation, link: Link, item: number): boolean;
}

/** The trained rows, the base first. */
export const trainedRows: Readonly<Record<string, RelationOption>> = {
  full: {},
  'equal edges': { edges: 'equal', sparsity: 0 },
  'no gate': { fusion: 'half' },
  'no views': { views: 0 },
  'edges alone': { fusion: 'neighbours' },
  'content, learned': { fusion: 'content' },
};

/** Name of the task of a relation at a percentage of wrong edges; `part` for a closer look. */
export const taskName = (relation: Relation, wrong: number, part?: 'leaf' | 'edgeless') =>
  [`${relation}s`, ...(part ? [part] : []), wrong].join('.');

export interface RowOptions {
  training: RelationOption;
  closerAt: number;
  seed: number;
  onProgress(label: string, done: number, total: number): void;
  signal: AbortSignal;
}

/** Train every row at every fraction of wrong edges, and rank the held-out links. */
export async function relationRows(data: RelationData, options: RowOptions): Promise<SeedRow[]> {
  const { training, closerAt, seed, onProgress, signal } = options;
  const { content, leaves, links } = data;
  const count = content.ids.length;
  const rows: SeedRow[] = [];
  const total = Object.keys(trainedRows).length * links.size;
  let done = 0;
  for (const [name, change] of Object.entries(trainedRows)) {
    const row: SeedRow = { name, tasks: {}, parameters: 0, measures: {} };
    for (const [wrong, of] of links) {
      const edges = { substitute: edgeList(of.substitute.train), complement: edgeList(of.complement.train) };
      const model = await trainRelations(content, edges, { ...training, ...change }, { seed, signal });
      try {
        row.parameters = Object.values(model.weights).reduce((sum, { size }) => sum + size, 0);
        for (const relation of relations) {
          const score = scoresOfVectors(await relatedVectors(model, content, relation, edges[relation], signal));
          Object.assign(row.tasks, answersAt(data, relation, wrong, score, closerAt));
          const auc = factorAuc(model, content, relation, of[relation]);
          if (auc !== undefined) row.measures![`AUC of edges, ${relation}s, ${wrong}%`] = auc;
        }
      } finally {
        tf.dispose(model.weights);
      }
      onProgress(`${name}, ${wrong}% wrong`, ++done, total);
    }
    rows.push(row);
  }
  const untrained: Record<string, (of: ShopLinks) => ScoreItems> = {
    'content, untrained': () => scoresOfContent(content),
    'pairs of leaves': ({ train }) => scoresOfGroups(leaves, edgeList(train)),
    popularity: ({ train }) => scoresOfPopularity(count, edgeList(train)),
    random: () => randomScores(count, seed),
  };
  for (const [name, scoreOf] of Object.entries(untrained)) {
    const tasks: SeedRow['tasks'] = {};
    for (const [wrong, of] of links)
      for (const relation of relations)
        Object.assign(tasks, answersAt(data, relation, wrong, scoreOf(of[relation]), closerAt));
    rows.push({ name, tasks, parameters: 0 });
  }
  return rows;
}

/** How well learned factors tell right edges from wrong ones; undefined where all are equal or none is wrong. */
function factorAuc(
  model: RelationModel,
  content: Embeddings,
  relation: Relation,
  { train, isWrong }: ShopLinks,
): number | undefined {
  const { edges, fusion } = model.option;
  if (edges === 'equal' || fusion === 'content' || !isWrong.includes(true)) return undefined;
  const factors = edgeFactors(model, content, relation, edgeList(train));
  const auc = areaUnderCurve(
    [...factors],
    isWrong.map((wrong) => !wrong),
  );
  return auc(new Float64Array(factors.length).fill(1));
}

function answersAt(
  { content, leaves, links, isAlsoRight }: RelationData,
  relation: Relation,
  wrong: number,
  score: ScoreItems,
  closerAt: number,
): Record<string, Answer[]> {
  const own = links.get(wrong)![relation];
  const isOffered = (link: Link, item: number) => !isAlsoRight(relation, link, item);
  const answers = (task: string, asked: readonly Link[], offered = isOffered): Answer[] =>
    rankLinks(asked, score, offered).map((rank, at) => {
      const [from, to] = asked[at].map((row) => content.ids[row]);
      return { task, query: `${from} ${to}`, product: from, gold: [to], ...rank };
    });
  const name = taskName(relation, wrong);
  const found = { [name]: answers(name, own.val) };
  if (wrong !== closerAt) return found;
  const [leaf, edgeless] = [taskName(relation, wrong, 'leaf'), taskName(relation, wrong, 'edgeless')];
  const inLeaf = (link: Link, item: number) => leaves[item] === leaves[link[1]] && isOffered(link, item);
  return { ...found, [leaf]: answers(leaf, own.val, inLeaf), [edgeless]: answers(edgeless, own.edgeless) };
}
