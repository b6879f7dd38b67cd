import { UserError } from '../checks/error.js';
import type { Catalogue, Product, Split } from '../data/types.js';
import type { Shop } from '../datasets/shop/shop-type.js';
import { type RandomStream, randomStream } from '../engine/random.js';
import { rightAnswer, writeAnswer } from './answer.js';
import { drawGraph, graphStyles, type StyleName } from './draw.js';
import { type Graph, graphProducts, growGraph } from './graph.js';
import { type Layout, layoutGraph } from './layout.js';
import { questions } from './questions/index.js';
import type { Asked, Question } from './questions/question.js';
import { tripleText } from './triples.js';

/** A question about a graph, in both styles. */
export interface GraphQuestion extends Asked {
  id: string;
  kind: string;
  split: Split;
  graph: Graph;
  layouts: Readonly<Record<StyleName, Layout>>;
  /** Names its drawings: for the same version of the code, equal keys are equal graphs. */
  key: string;
}

export interface GraphOptions {
  /** Questions of each kind for a split. Every question has a graph of its own. */
  questions: Partial<Record<Split, number>>;
  /** Smallest and largest number of nodes. Default 3 and 7. */
  nodes?: readonly [min: number, max: number];
  seed?: number;
}

const MOST_TRIES = 2000;

/**
 * Questions about graphs of a shop's products (after STAR-64K, arXiv 2510.21828). Graphs of a split show products of that split alone; half of them agree
 * with the shop, the others contradict it.
 * @throws UserError for a split whose products give too few graphs
 */
export function graphQuestions(
  shop: Shop,
  { questions: counts, nodes = [3, 7], seed = 0 }: GraphOptions,
): GraphQuestion[] {
  return (Object.entries(counts) as [Split, number][]).flatMap(([split, count]) => {
    const pool = graphProducts(shop, split);
    if (pool.length < nodes[1])
      throw new UserError(
        `graphs: the split ${split} has ${pool.length} products that graphs show. Generate a shop of more.`,
      );
    return questions.flatMap((question) =>
      Array.from({ length: count }, (_, at): GraphQuestion => {
        const id = `graph/${split}/${question.name}/${seed}/${at}`;
        const stream = randomStream(shop.settings.seed, id);
        const key = JSON.stringify([shop.settings, nodes, id]);
        for (let tries = 0; tries < MOST_TRIES; tries++) {
          const size = nodes[0] + stream.integer(nodes[1] - nodes[0] + 1);
          const graph = growGraph(pool, { nodes: size, agrees: at % 2 === 0 }, stream);
          const asked = graph && pickQuestion(question, graph, at, stream);
          const layouts = asked && layoutsOf(graph, stream);
          if (layouts) return { ...asked, id, kind: question.name, split, graph, layouts, key };
        }
        throw new UserError(`graphs: the products of ${split} give no question of the kind ${question.name}.`);
      }),
    );
  });
}

/** One of the questions of a kind about a graph; where answers are few, one with the answer whose turn it is, for graphs that agree and others alike. */
function pickQuestion(question: Question, graph: Graph, at: number, stream: RandomStream): Asked | undefined {
  const wanted = question.answers?.[Math.floor(at / 2) % question.answers.length];
  const asked = question.ask(graph, stream).filter(({ answer }) => !wanted || answer === wanted);
  return asked.length ? stream.pick(asked) : undefined;
}

function layoutsOf(graph: Graph, stream: RandomStream): GraphQuestion['layouts'] | undefined {
  const [plain, curved] = [graphStyles.plain, graphStyles.curved].map(({ bend }) => layoutGraph(graph, bend, stream));
  return plain && curved && { plain, curved };
}

/** What a network is shown of a graph beside the question: its picture, its triples in words, or nothing. */
export type Shown = StyleName | 'words' | 'nothing';

/** A question as a product whose one attribute is named as the question and has the answer as its value. */
export function graphProduct({ id, kind, graph, layouts, key, ...asked }: GraphQuestion, shown: Shown): Product {
  const { prompt } = asked;
  const words = graph.triples.map((triple) => `${tripleText(triple)};`).join(' ');
  return {
    id,
    title: '',
    category: [kind],
    attributes: { [shown === 'words' ? `${words} ${prompt}` : prompt]: [writeAnswer(rightAnswer(asked))] },
    images:
      shown === 'words' || shown === 'nothing'
        ? []
        : [
            {
              id: `${id}/${shown}`,
              source: {
                kind: 'drawn',
                draw: () => drawGraph(graph, layouts[shown], graphStyles[shown]),
                key: `${key}/${shown}`,
              },
            },
          ],
  };
}

/** Questions as a catalogue: those of training have a query each, by which the sampler finds them. */
export function graphCatalogue(asked: readonly GraphQuestion[], shown: Shown): Catalogue {
  return {
    adapter: 'graphs',
    root: '',
    products: asked.map((question) => graphProduct(question, shown)),
    pairs: asked.flatMap(({ id, prompt, split }) =>
      split === 'train' ? [{ query: { id: `asked/${id}`, text: prompt }, product: id, split }] : [],
    ),
    issues: [],
  };
}
