import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeTables } from '../ablate/report/study-page.js';
import { taskTable } from '../ablate/report/study-table.js';
import type { StudyResult } from '../ablate/run/study-result.js';
import type { TrialResult } from '../ablate/run/trial.js';
import { wrongOption } from '../checks/error.js';
import type { Split } from '../data/types.js';
import { generateShop } from '../datasets/shop/shop.js';
import { startEngine } from '../engine/engine.js';
import { longCall } from '../engine/long-call.js';
import { randomStream } from '../engine/random.js';
import { settings as engine } from '../engine/settings.js';
import * as tf from '../engine/tf.js';
import { writeFileAtomic } from '../store/atomic.js';
import { valueHash } from '../store/content-hash.js';
import { lockFolder } from '../store/folder-lock.js';
import { readJsonFile } from '../store/json-file.js';
import { studyProvenance } from '../train/run/provenance.js';
import { accuracyOf, answerQuizzes } from './answer-quiz.js';
import type { QuizData, ShownQuiz, View } from './batch.js';
import {
  adjusted,
  type ComposedSeed,
  type Composition,
  composed,
  oneModality,
  type Quizzes,
  shownAs,
  shownIn,
  trainSeed,
} from './compose-seed.js';
import type { ComposedNetwork } from './network.js';
import { factsOf, type SharedQuiz, sharedQuizzes } from './quiz.js';
import { COMPOSE, type CompositionSettings, compositionSettings } from './settings.js';
import { pictureModalities, tableModality } from './shop-modalities.js';
import { wordsOf } from './words.js';

/** Written before the study ran. */
export const compositionPrediction =
  'Joint training is ahead of DAMC, DAMC of NaiveMC, and NaiveMC of the best model of one modality. DAMC keeps what its models could do alone; NaiveMC loses a part, more with A and B apart than as products. Factors chosen on dev help NaiveMC more than DAMC.';

export interface CompositionOptions {
  /** Folder of the study. The same call resumes: a finished seed is not trained again. */
  out: string;
  seeds?: readonly number[];
  settings?: Partial<CompositionSettings>;
  onProgress?: (progress: { label: string; done: number; total: number }) => void;
  signal?: AbortSignal;
}

/** A row of one seed: its answers by task, and what it stores and took. */
interface SeedRow {
  name: string;
  tasks: Record<string, Answer[]>;
  parameters: number;
}

type Answer = TrialResult['rows'][number];

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
export async function compositionStudy({
  out,
  seeds = [1, 2, 3],
  settings: given,
  onProgress,
  signal,
}: CompositionOptions): Promise<StudyResult> {
  if (!seeds.length || new Set(seeds).size < seeds.length)
    throw wrongOption('seeds', seeds, 'one or more different seeds');
  const settings = { ...compositionSettings, ...given };
  return longCall(signal, async (call) => {
    const say = (label: string, done: number, total: number) => {
      call.show({ label, done, total });
      onProgress?.({ label, done, total });
    };
    await startEngine();
    mkdirSync(out, { recursive: true });
    const lock = await lockFolder(out);
    try {
      const shop = generateShop(settings.shop);
      const provenance = studyProvenance(shop, engine.threads);
      const fileOf = (seed: number) => join(out, `seed-${seed}-${valueHash([provenance, settings]).slice(0, 8)}.json`);
      let opened: Awaited<ReturnType<typeof openData>> | undefined;
      for (const seed of seeds) {
        if (existsSync(fileOf(seed))) continue;
        opened ??= await openData(settings, shop, out, say, call.signal);
        const rows = await runSeed(settings, opened, seed, say, call.signal);
        writeFileAtomic(fileOf(seed), JSON.stringify(rows));
      }
      const rows = new Map(
        seeds.map((seed) => [seed, readJsonFile(fileOf(seed), 'delete it, and the seed runs again') as SeedRow[]]),
      );
      const result = resultOf(out, rows, { ...settings, provenance });
      writeTables(result);
      return result;
    } finally {
      lock.release();
    }
  });
}

type Say = (label: string, done: number, total: number) => void;

/** The products with what shows them, and the numbers of those of each split. */
async function openData(
  settings: CompositionSettings,
  shop: ReturnType<typeof generateShop>,
  out: string,
  say: Say,
  signal: AbortSignal,
) {
  const { facts, vision } = settings;
  const products = shop.products.map(factsOf);
  const { photo, edges } = await pictureModalities(shop, {
    vision: { kind: 'onnx', ...vision },
    imageSize: shop.settings.imageSize,
    drawings: join(out, 'pictures'),
    onProgress: (done, total, label) => say(label, done, total),
    signal,
  });
  const modalities = [photo, edges, tableModality(products, facts)];
  const data: QuizData = { products, facts, words: wordsOf(products, facts), modalities };
  const rowsOf = (split: Split) => shop.products.flatMap(({ id }, at) => (shop.splits.get(id) === split ? [at] : []));
  return { data, rowsOf };
}

/** Questions about products of one split. */
function quizzesOf(
  { facts, inEdges }: CompositionSettings,
  { products }: QuizData,
  rows: readonly number[],
  count: number,
  name: string,
): SharedQuiz[] {
  const stream = randomStream(0, `quizzes of ${name}`);
  const own = rows.map((row) => products[row]);
  return sharedQuizzes(own, { facts, shownBySecond: inEdges, count, stream }).map((quiz) => {
    const [first, second, third] = quiz.products.map((at) => rows[at]);
    return { ...quiz, products: [first, second, third] };
  });
}

async function runSeed(
  settings: CompositionSettings,
  { data, rowsOf }: Awaited<ReturnType<typeof openData>>,
  seed: number,
  say: Say,
  signal: AbortSignal,
): Promise<SeedRow[]> {
  const { questions } = settings;
  const quizzes: Quizzes = {
    train: quizzesOf(settings, data, rowsOf('train'), questions.train, 'train'),
    dev: quizzesOf(settings, data, rowsOf('dev'), questions.dev, 'dev'),
    val: quizzesOf(settings, data, rowsOf('val'), questions.val, 'val'),
  };
  const trained = await trainSeed(settings, data, quizzes, {
    seed,
    onProgress: (label, done, total) => say(`seed ${seed}, ${label}`, done, total),
    signal,
  });
  try {
    return await rowsOfSeed(settings, data, quizzes, trained, signal);
  } finally {
    trained.dispose();
  }
}

/** All products in their own modalities. */
const allShown: readonly View[] = shownIn.map((modality) => ({ modality }));
const QUIZ = 'quiz';

/** Ask the questions of val of every network. */
async function rowsOfSeed(
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
  ) => {
    const found: [string, Answer[]][] = [];
    for (const { task, shown } of tasks) found.push([task, await answers(network, task, shown)]);
    rows.push({ name, tasks: Object.fromEntries(found), parameters: numbersOf(network) });
  };
  const whole = { task: QUIZ, shown: show(val, allShown) };
  const all = [whole, ...alone.map(({ task, views }) => ({ task, shown: show(val, views) }))];
  const factors = shownIn.map(() => 1 / shownIn.length);
  const addComposed = async (name: string, how: Composition, lambdas: readonly number[], more = true) => {
    const { network, added } = composed(how, networks, lambdas);
    try {
      await add(name, network, all);
      if (more && how === 'decoupled') {
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
    await addComposed(`${name}, factors of dev`, how, lambdas, false);
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

/** The tables of all seeds, as those of any study. */
function resultOf(
  folder: string,
  bySeed: ReadonlyMap<number, SeedRow[]>,
  { provenance, facts, ...settings }: CompositionSettings & { provenance: ReturnType<typeof studyProvenance> },
): StudyResult {
  const seeds = [...bySeed.keys()];
  const [first] = bySeed.values();
  const tasks = [QUIZ, ...shownIn.map((name) => `${QUIZ}.${name}`)];
  const about = (task: string): TrialResult['tasks'][number] => ({
    name: task,
    title:
      task === QUIZ
        ? 'three products, each in another modality -> the value that they share'
        : `three products, one as ${task.slice(QUIZ.length + 1)} and two in words -> the value that they share`,
    kind: 'choice',
    query: 'three products',
    gallery: 'four values',
    products: 'unseen',
    n: first[0].tasks[QUIZ].length,
    items: 4,
    chance: { accuracy: 1 / 4, MRR: (1 + 1 / 2 + 1 / 3 + 1 / 4) / 4 },
  });
  const finished = first.map(({ name }) => {
    const results = seeds.map((seed): [number, TrialResult] => {
      const row = bySeed.get(seed)!.find((each) => each.name === name)!;
      const { parameters } = row;
      const cost = { parameters, activeParameters: parameters, flops: 0, seconds: 0, memory: null };
      return [seed, { tasks: Object.keys(row.tasks).map(about), rows: Object.values(row.tasks).flat(), cost }];
    });
    return { name, difference: [], factors: [], results: new Map(results) };
  });
  const rowsWith = (task: string) => finished.filter((_, at) => first[at].tasks[task]);
  return {
    folder,
    study: {
      name: COMPOSE,
      prediction: compositionPrediction,
      rows: [],
      factors: [],
      seeds,
      data: { kind: 'shop', options: settings.shop },
      provenance,
      budget: { kind: 'items', steps: settings.expert.steps },
      split: 'val',
      tasks,
      trials: [],
    },
    tables: tasks.flatMap((task) => taskTable(task, rowsWith(task), []) ?? []),
    refused: [],
    unfinished: [],
  };
}
