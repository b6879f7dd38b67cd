import type { Say, SeedRow } from '../ablate/run/seed-study.js';
import type { Answer } from '../ablate/run/trial.js';
import { withSteps } from '../config/with-steps.js';
import type { Catalogue } from '../data/types.js';
import type { Encoder } from '../encoder/encoder.js';
import { startNetwork } from '../encoder/start-network.js';
import type { Pixels } from '../pictures/picture-store.js';
import type { StepRecord } from '../train/step-record.js';
import { type GraphAnswer, rightAnswer } from './answer.js';
import { askNetwork } from './ask.js';
import { type GraphQuestion, graphCatalogue, type Shown } from './catalogue.js';
import { type Guess, ink, majority } from './controls.js';
import { namingCatalogue } from './naming.js';
import { questions } from './questions/index.js';
import { knowledge } from './rewards/knowledge.js';
import type { GraphSettings } from './study-settings.js';
import { type Lessons, learnAnswers, learnFromReward, learnMore, rewardOf } from './train-rows.js';

/** What the rows of a seed are computed from. */
export interface GraphData {
  known: readonly GraphQuestion[];
  asked: readonly GraphQuestion[];
  pixels: Pixels;
}

/** The tasks: all questions in both styles, those about graphs that contradict the shop, and each kind. */
export const taskNames: readonly string[] = [
  'all',
  'all.curved',
  'all.contradicting',
  ...questions.map(({ name }) => name),
];

/** The questions of a task. */
export function questionsOf(task: string, asked: readonly GraphQuestion[]): readonly GraphQuestion[] {
  if (task === 'all' || task === 'all.curved') return asked;
  return asked.filter(({ kind, graph }) => (task === 'all.contradicting' ? !graph.agrees : kind === task));
}

type Said = (GraphAnswer | undefined)[];

/** Train the networks of a seed and ask all of them. All start from one that has learned to answer from graphs
 * in words, and those with pictures from one that then learned to name what pictures show. */
export async function graphRows(
  { known, asked, pixels }: GraphData,
  settings: GraphSettings,
  { seed, onProgress, signal }: { seed: number; onProgress: Say; signal: AbortSignal },
): Promise<SeedRow[]> {
  const { encoder: config, words: wordSteps, naming, reward, most } = settings;
  const { steps } = config.optimizer;
  const rows: SeedRow[] = [];
  const open: Encoder[] = [];
  const shown = (as: Shown, of = known) => graphCatalogue(of, as);
  const lessons = (label: string, catalogue: Catalogue, count = steps, records?: StepRecord[]): Lessons => ({
    catalogue,
    pixels,
    steps: count,
    onStep(record) {
      records?.push(record);
      onProgress(label, record.step, count);
    },
    signal,
  });
  const ask = (encoder: Encoder, as: Shown, of = asked) => askNetwork(encoder, of, as, { pixels, most, signal });
  const add = (name: string, encoder: Encoder | undefined, said: Said, curved?: Said, more?: SeedRow['measures']) => {
    const measures = { ...(encoder && writtenMeasures(asked, said)), ...more };
    const parameters = encoder?.parameters.size ?? 0;
    rows.push({ name, tasks: tasksOf(asked, said, curved), parameters, ...(encoder && { measures }) });
  };
  const addSeen = async (name: string, encoder: Encoder, more?: SeedRow['measures']) =>
    add(name, encoder, await ask(encoder, 'plain'), await ask(encoder, 'curved'), more);
  try {
    const kept = (encoder: Encoder) => {
      open.push(encoder);
      return encoder;
    };
    const start = kept(startNetwork(withSteps({ ...config, seed }, wordSteps), shown('words')));
    const reader = kept(await learnAnswers(start, lessons('graphs in words', shown('words'), wordSteps)));
    const names = lessons('names in pictures', namingCatalogue(known, 'plain'), naming);
    const namer = kept(await learnAnswers(reader, names));
    const mixed = kept(await learnAnswers(namer, lessons('mixed', shown('plain'))));
    await addSeen('mixed', mixed);

    const said: Said = [];
    const curved: Said = [];
    for (const { name } of questions) {
      const ofKind = (of: readonly GraphQuestion[]) => of.filter(({ kind }) => kind === name);
      const own = Math.max(2, Math.round(steps / questions.length));
      const expert = await learnAnswers(namer, lessons('single', shown('plain', ofKind(known)), own));
      try {
        // Questions are in the order of their kinds.
        said.push(...(await ask(expert, 'plain', ofKind(asked))));
        curved.push(...(await ask(expert, 'curved', ofKind(asked))));
      } finally {
        expert.parameters.dispose();
      }
    }
    add('single', mixed, said, curved);

    for (const [name, isKnown] of [
      ['+ answer reward', false],
      ['+ knowledge reward', true],
    ] as const) {
      const records: StepRecord[] = [];
      const own = lessons(name, shown('plain'), reward.steps, records);
      const rewarded = kept(await learnFromReward(mixed, rewardOf(isKnown), { ...reward, most }, own));
      await addSeen(name, rewarded, rewardMeasures(records));
    }
    const longer = kept(await learnMore(mixed, reward, lessons('+ same updates', shown('plain'), reward.steps)));
    await addSeen('+ same updates', longer);

    for (const [name, as] of [
      ['question only', 'nothing'],
      ['text ceiling', 'words'],
    ] as const) {
      const blind = kept(await learnAnswers(reader, lessons(name, shown(as))));
      const answers = await ask(blind, as);
      add(name, blind, answers, answers);
    }
  } finally {
    for (const { parameters } of open) if (!parameters.isDisposed) parameters.dispose();
  }

  const guessed = (guess: Guess): Said => asked.map((question) => ({ listed: [], answer: guess(question) }));
  const rasterOf = (style: 'plain' | 'curved') => (question: GraphQuestion) => {
    const [image] = graphCatalogue([question], style).products[0].images;
    return pixels.rasterOf({ image });
  };
  const frequent = guessed(majority(known));
  add('majority', undefined, frequent, frequent);
  const plain = rasterOf('plain');
  const counted = ink(known, plain);
  add('ink', undefined, guessed(counted));
  return rows;
}

/** Answers by task. Texts that are no answer are wrong, and of no class. */
function tasksOf(asked: readonly GraphQuestion[], said: Said, curved?: Said): Record<string, Answer[]> {
  const rowOf = new Map(asked.map((question, row) => [question, row]));
  const tasks = taskNames.filter((task) => curved || task !== 'all.curved');
  return Object.fromEntries(
    tasks.map((task) => [
      task,
      questionsOf(task, asked).map((question): Answer => {
        const written = (task === 'all.curved' ? curved! : said)[rowOf.get(question)!];
        const { id, answer } = question;
        const before = written?.answer === answer ? 0 : 1;
        return {
          task,
          query: id,
          product: id,
          gold: [answer],
          before,
          tied: 0,
          relevant: 1,
          best: written ? [written.answer] : [],
        };
      }),
    ]),
  );
}

const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

function writtenMeasures(asked: readonly GraphQuestion[], said: Said): Record<string, number> {
  return {
    'no answer': meanOf(said.map((written) => (written ? 0 : 1))),
    'knowledge F1': meanOf(said.map((written, row) => knowledge(written, rightAnswer(asked[row])))),
  };
}

/** Means over the first and the last updates of a stage with rewards. */
function rewardMeasures(records: readonly StepRecord[]): Record<string, number> {
  const few = Math.min(5, records.length);
  const mean = (of: readonly StepRecord[], name: string) => meanOf(of.map(({ measures }) => measures[name]));
  return {
    'reward, first': mean(records.slice(0, few), 'reward'),
    'reward, last': mean(records.slice(-few), 'reward'),
    'flat groups': mean(records, 'flat'),
  };
}
