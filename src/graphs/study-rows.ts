import type { Say, SeedRow } from '../ablate/run/seed-study.js';
import { withSteps } from '../config/with-steps.js';
import type { Catalogue } from '../data/types.js';
import type { Encoder } from '../encoder/encoder.js';
import { startNetwork } from '../encoder/start-network.js';
import type { Pixels } from '../pictures/picture-store.js';
import type { StepRecord } from '../train/step-record.js';
import { askNetwork } from './ask.js';
import { type GraphQuestion, graphCatalogue, graphProduct, type Shown } from './catalogue.js';
import { type Guess, ink, majority } from './controls.js';
import { namingCatalogue } from './naming.js';
import { questions } from './questions/index.js';
import { answersByTask, rewardMeasures, type Said, writtenMeasures } from './study-answers.js';
import type { GraphSettings } from './study-settings.js';
import { type Lessons, learnAnswers, learnFromReward, learnMore, rewardOf } from './train-rows.js';

/** What the rows of a seed are computed from. */
export interface GraphData {
  known: readonly GraphQuestion[];
  /** Those of one kind follow each other, in the order of the kinds. */
  asked: readonly GraphQuestion[];
  pixels: Pixels;
}

/** What a seed is computed with. */
interface Run {
  data: GraphData;
  settings: GraphSettings;
  onProgress: Say;
  signal: AbortSignal;
  /** Networks to free in the end. */
  kept: Encoder[];
}

/**
 * Train the networks of a seed and ask all of them. All start from one that has learned to answer from graphs in words, and those with pictures from one
 * that then learned to name what pictures show.
 */
export async function graphRows(
  data: GraphData,
  settings: GraphSettings,
  { seed, onProgress, signal }: { seed: number; onProgress: Say; signal: AbortSignal },
): Promise<SeedRow[]> {
  const { encoder: config, words, naming } = settings;
  const run: Run = { data, settings, onProgress, signal, kept: [] };
  try {
    const inWords = graphCatalogue(data.known, 'words');
    const start = keep(run, startNetwork(withSteps({ ...config, seed }, words), inWords));
    const reader = keep(run, await learnAnswers(start, lessons(run, 'graphs in words', inWords, words)));
    const names = lessons(run, 'names in pictures', namingCatalogue(data.known, 'plain'), naming);
    const namer = keep(run, await learnAnswers(reader, names));
    return [...(await seeingRows(run, namer)), ...(await blindRows(run, reader)), ...controlRows(data)];
  } finally {
    for (const { parameters } of run.kept) parameters.dispose();
  }
}

/** Rows of networks that see pictures: of all kinds of questions and of one, and what becomes of the first in a last stage. */
async function seeingRows(run: Run, namer: Encoder): Promise<SeedRow[]> {
  const { data, settings } = run;
  const { reward, most } = settings;
  const pictured = graphCatalogue(data.known, 'plain');
  const mixed = keep(run, await learnAnswers(namer, lessons(run, 'mixed', pictured)));
  const rows = [await seen(run, 'mixed', mixed), await singleRow(run, namer)];
  for (const [name, isKnown] of [
    ['+ answer reward', false],
    ['+ knowledge reward', true],
  ] as const) {
    const records: StepRecord[] = [];
    const own = lessons(run, name, pictured, reward.steps, records);
    const rewarded = keep(run, await learnFromReward(mixed, rewardOf(isKnown), { ...reward, most }, own));
    rows.push(await seen(run, name, rewarded, rewardMeasures(records)));
  }
  const own = lessons(run, '+ same updates', pictured, reward.steps);
  rows.push(await seen(run, '+ same updates', keep(run, await learnMore(mixed, reward, own))));
  return rows;
}

/** A network for each kind of question, which meets as many of it as the mixed one does. */
async function singleRow(run: Run, namer: Encoder): Promise<SeedRow> {
  const { known, asked } = run.data;
  const steps = Math.max(2, Math.round(run.settings.encoder.optimizer.steps / questions.length));
  const said: Said[] = [];
  const curved: Said[] = [];
  for (const { name } of questions) {
    const ofKind = (of: readonly GraphQuestion[]) => of.filter(({ kind }) => kind === name);
    const own = lessons(run, `single ${name}`, graphCatalogue(ofKind(known), 'plain'), steps);
    const expert = keep(run, await learnAnswers(namer, own));
    said.push(await ask(run, expert, 'plain', ofKind(asked)));
    curved.push(await ask(run, expert, 'curved', ofKind(asked)));
  }
  const parameters = questions.length * namer.parameters.size;
  return networkRow(run, 'single', parameters, [said.flat(), curved.flat()]);
}

/** Rows of networks without pictures, that learn as long: from questions alone, and from graphs in words. Neither knows of styles. */
async function blindRows(run: Run, reader: Encoder): Promise<SeedRow[]> {
  const rows: SeedRow[] = [];
  for (const [name, shown] of [
    ['question only', 'nothing'],
    ['text ceiling', 'words'],
  ] as const) {
    const own = lessons(run, name, graphCatalogue(run.data.known, shown));
    const network = keep(run, await learnAnswers(reader, own));
    const said = await ask(run, network, shown);
    rows.push(networkRow(run, name, network.parameters.size, [said, said]));
  }
  return rows;
}

/** Rows of guesses without a network. Ink of another style cannot be compared. */
function controlRows({ known, asked, pixels }: GraphData): SeedRow[] {
  const rasterOf = (question: GraphQuestion) => pixels.rasterOf({ image: graphProduct(question, 'plain').images[0] });
  const guessed = (guess: Guess): Said => asked.map((question) => ({ listed: [], answer: guess(question) }));
  const frequent = guessed(majority(known));
  return [
    { name: 'majority', tasks: answersByTask(asked, frequent, frequent), parameters: 0 },
    { name: 'ink', tasks: answersByTask(asked, guessed(ink(known, rasterOf))), parameters: 0 },
  ];
}

async function seen(run: Run, name: string, network: Encoder, more?: SeedRow['measures']): Promise<SeedRow> {
  const said = [await ask(run, network, 'plain'), await ask(run, network, 'curved')] as const;
  return networkRow(run, name, network.parameters.size, said, more);
}

/** @param said of either style */
function networkRow(
  { data: { asked } }: Run,
  name: string,
  parameters: number,
  [plain, curved]: readonly [plain: Said, curved: Said],
  more?: SeedRow['measures'],
): SeedRow {
  const measures = { ...writtenMeasures(asked, plain), ...more };
  return { name, tasks: answersByTask(asked, plain, curved), parameters, measures };
}

const ask = ({ data, settings, signal }: Run, network: Encoder, shown: Shown, of = data.asked): Promise<Said> =>
  askNetwork(network, of, shown, { pixels: data.pixels, most: settings.most, signal });

function keep({ kept }: Run, network: Encoder): Encoder {
  kept.push(network);
  return network;
}

function lessons(
  { data: { pixels }, settings, onProgress, signal }: Run,
  label: string,
  catalogue: Catalogue,
  steps = settings.encoder.optimizer.steps,
  records: StepRecord[] = [],
): Lessons {
  return {
    catalogue,
    pixels,
    steps,
    onStep(record) {
      records.push(record);
      onProgress(label, record.step, steps);
    },
    signal,
  };
}
