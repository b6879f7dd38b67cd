import type { SeedRow as RowOfSeed } from '../ablate/run/seed-study.js';
import type { Answer } from '../ablate/run/trial.js';
import { randomStream } from '../engine/random.js';
import * as tf from '../engine/tf.js';
import { accuracyOf, answerQuizzes } from './answer-quiz.js';
import type { QuizData, ShownQuiz, View } from './batch.js';
import { adjusted, type Composition, composed } from './compose.js';
import type { ComposedNetwork } from './network.js';
import type { Quizzes } from './open-data.js';
import type { SharedQuiz } from './quiz.js';
import { QUIZ } from './quiz-tasks.js';
import type { CompositionSettings } from './settings.js';
import type { ComposedSeed } from './train-seed.js';
import { oneModality, shownAs, shownIn } from './views.js';

/** A row of one seed. */
export interface SeedRow extends RowOfSeed {
  /** Factors of the adapters of words, where they were chosen on dev. */
  lambdas?: readonly number[];
}

/** All products in their own modalities. */
const allShown: readonly View[] = shownIn.map((modality) => ({ modality }));
/** Ask the questions of val of every network. */
export async function rowsOfSeed(
  settings: CompositionSettings,
  data: QuizData,
  { dev, val }: Quizzes,
  networks: ComposedSeed,
  signal: AbortSignal,
): Promise<SeedRow[]> {
  const order = () => randomStream(0, 'order of products');
  const show = (quizzes: readonly SharedQuiz[], views: readonly View[]) => {
    const stream = order();
    return quizzes.map((quiz) => shownAs(quiz, views, stream));
  };
  const answers = async (network: ComposedNetwork, task: string, shown: readonly ShownQuiz[]): Promise<Answer[]> => {
    const ranks = await answerQuizzes(network, shown, data, signal);
    return ranks.map(({ before, tied, relevant, best }, at) => {
      const { products, shared } = val[at];
      // Questions about one first product are a cluster of the bootstrap.
      return { task, query: String(at), product: String(products[0]), gold: [shared], before, tied, relevant, best };
    });
  };
  const alone = shownIn.map((name) => ({ task: `${QUIZ}.${name}`, views: oneModality(name).longest, name }));
  const rows: SeedRow[] = [];
  const add = async (
    name: string,
    network: ComposedNetwork,
    tasks: readonly { task: string; shown: readonly ShownQuiz[] }[],
    lambdas?: readonly number[],
  ) => {
    const found: [string, Answer[]][] = [];
    for (const { task, shown } of tasks) found.push([task, await answers(network, task, shown)]);
    rows.push({ name, tasks: Object.fromEntries(found), parameters: numbersOf(network), ...(lambdas && { lambdas }) });
  };
  const whole = { task: QUIZ, shown: show(val, allShown) };
  const all = [whole, ...alone.map(({ task, views }) => ({ task, shown: show(val, views) }))];
  const factors = shownIn.map(() => 1 / shownIn.length);
  const addComposed = async (name: string, how: Composition, lambdas: readonly number[], chosen = false) => {
    const { network, added } = composed(how, networks, lambdas);
    try {
      await add(name, network, all, chosen ? lambdas : undefined);
      if (!chosen && how === 'decoupled') {
        await add('DAMC, blind', network, [{ task: QUIZ, shown: show(val, ['none', 'none', 'none']) }]);
        await add('DAMC, products of another question', network, [
          { task: QUIZ, shown: shuffled(show(val, allShown)) },
        ]);
      }
    } finally {
      tf.dispose(added);
    }
  };
  await addComposed('NaiveMC, products', 'products', factors);
  await addComposed('NaiveMC, A and B apart', 'matrices', factors);
  await addComposed('DAMC', 'decoupled', factors);
  const shownDev = show(dev, allShown);
  for (const [name, how] of [
    ['NaiveMC, products', 'products'],
    ['DAMC', 'decoupled'],
  ] as const) {
    const { lambdas } = await adjusted(how, networks, settings.lambdas, (network) =>
      accuracyOf(network, shownDev, data),
    );
    await addComposed(`${name}, factors of dev`, how, lambdas, true);
  }
  await add('joint training', networks.joint, all);
  for (const [at, { name, task, views }] of alone.entries()) {
    const onlyOne = shownIn.map((each): View => (each === name ? { modality: name } : 'none'));
    await add(`${name} alone`, networks.plain[at], [
      { task: QUIZ, shown: show(val, onlyOne) },
      { task, shown: show(val, views) },
    ]);
    await add(`${name} alone, adapters apart`, networks.apart[at], [{ task, shown: show(val, views) }]);
  }
  await add('words of all', networks.words, [{ task: QUIZ, shown: show(val, ['words', 'words', 'words']) }]);
  return rows;
}

/** The questions with the products of others. */
function shuffled(shown: readonly ShownQuiz[]): ShownQuiz[] {
  const others = randomStream(0, 'other products').shuffle(shown);
  return shown.map(({ quiz, slots }, at) => ({ quiz: { ...quiz, products: others[at].quiz.products }, slots }));
}

const numbersOf = ({ weights }: ComposedNetwork) => Object.values(weights).reduce((sum, { size }) => sum + size, 0);
