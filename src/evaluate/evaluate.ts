import { setImmediate } from 'node:timers/promises';
import { checkAskedImages } from '../config/needed-images.js';
import { withoutImages } from '../data/drop-missing.js';
import { countFound, type Found } from '../data/found.js';
import type { Catalogue, Split } from '../data/types.js';
import { noTask, tasksOf } from '../datasets/tasks.js';
import type { Trained } from '../encoder/encoder.js';
import { flatten } from '../engine/flat-weights.js';
import { longCall } from '../engine/long-call.js';
import { randomStream } from '../engine/random.js';
import { initMoon } from '../moon/model.js';
import type { Pixels } from '../pictures/picture-store.js';
import type { Rank } from '../search/embeddings.js';
import { rankItems } from '../search/ranks.js';
import { type Input, seenBy, type Task, type TaskSource } from '../tasks/task.js';
import { type Control, controlsOf, type Variant } from './controls.js';
import { type EmbeddingStore, type EmbedProgress, embedOnce } from './embed-once.js';
import { controlAnswersOf, measureTask, rowsOf, type TaskRanks, type TaskResult } from './measure.js';
import { checkSize, nested } from './nested.js';
import { rankByMajority, rankByWords } from './rank-without-network.js';

export interface EvaluateOptions {
  /** Which queries ask. */
  split: Split;
  /** Names of tasks or their beginnings up to a dot; all that the catalogue has where left out. */
  tasks?: readonly string[];
  /** Product ids that this network has not seen: a fold of `unseenFolds`, left out of training by `withoutProducts`. */
  unseen?: readonly string[];
  /** Keep a row a query in every result. */
  rows?: boolean;
  /** Leave out the controls, which cost most of the time. Default true. */
  controls?: boolean;
  /** Measure the first so many numbers of the embeddings (Matryoshka). */
  size?: number;
  /** Draws of the bootstrap. Default 2000. */
  draws?: number;
  onProgress?: (progress: EvaluateProgress) => void;
  signal?: AbortSignal;
}

export interface EvaluateProgress {
  label: string;
  done: number;
  total: number;
}

/** Results of one network, or of several seeds of one config together; plain JSON. */
export interface Evaluation {
  data: string;
  split: Split;
  /** Seeds of the networks. */
  seeds: number[];
  /** What was found of the data and what was not. */
  found: Found;
  tasks: TaskResult[];
  /** Pictures that could not be read, left out everywhere. */
  missingImages: number;
}

/** A task with its controls, and what was answered so far. */
interface Plan {
  task: Task;
  variants: Record<string, Control>;
  main: Rank[][];
  controls: TaskRanks['controls'];
}

/**
 * Measure a network, or several seeds of one config, by the protocols of the catalogue (docs/protocols): every task with its metrics and
 * intervals, chance, controls and slices. Each different sequence is embedded once a network. The networks stay the caller's.
 * @throws UserError when the split asks nothing, when no image was found for a network that was trained with images, for an unknown task,
 * and for an embedding that is not finite.
 */
export async function evaluateTasks(
  trained: Trained | readonly Trained[],
  catalogue: Catalogue,
  pixels: Pixels,
  options: EvaluateOptions,
): Promise<Evaluation> {
  return longCall(options.signal, ({ signal, show }) =>
    evaluateNetworks(trained, catalogue, pixels, {
      ...options,
      signal,
      onProgress(progress) {
        show(progress);
        options.onProgress?.(progress);
      },
    }),
  );
}

async function evaluateNetworks(
  trained: Trained | readonly Trained[],
  catalogue: Catalogue,
  pixels: Pixels,
  options: EvaluateOptions,
): Promise<Evaluation> {
  const { split, unseen, controls: withControls = true, draws, rows } = options;
  const networks = [trained].flat();
  if (options.size !== undefined) checkSize(options.size, networks[0].model.network.text.width);
  const found = countFound(catalogue, pixels.missing);
  checkAskedImages(networks[0].config, found);
  const source: TaskSource = {
    catalogue: readable(catalogue, pixels),
    split,
    pixels,
    ...(unseen ? { unseen: new Set(unseen) } : {}),
  };
  const plans = tasksOf(source, options.tasks).map(
    (task): Plan => ({ task, variants: withControls ? controlsOf(task) : {}, main: [], controls: {} }),
  );
  if (!plans.length) throw noTask(source);
  for (const network of networks) {
    const label = networks.length > 1 ? `seed ${network.config.seed}` : 'network';
    await answer(network, plans, pixels, label, options);
    if (withControls) await answerUntrained(network, plans, pixels, `${label} untrained`, options);
  }
  if (withControls) for (const plan of plans) answerWithoutNetwork(plan);
  const seeds = networks.map(({ config }) => config.seed);
  return {
    data: catalogue.adapter,
    split,
    seeds,
    found,
    tasks: plans.map(({ task, main, controls }) => ({
      ...measureTask(task, seenBy(task, source), { main, controls }, { draws }),
      ...(rows ? { rows: rowsOf(task, main, seeds), controlAnswers: controlAnswersOf(controls) } : {}),
    })),
    missingImages: pixels.missing.size,
  };
}

/** Rank every task and control with one network, added to the answers of the seeds before it. */
async function answer(
  network: Trained,
  plans: readonly Plan[],
  pixels: Pixels,
  label: string,
  options: EvaluateOptions,
): Promise<void> {
  const controls = plans.flatMap(({ variants }) =>
    Object.values(variants).flatMap((each) => ('none' in each ? [] : [each])),
  );
  const inputs = [
    ...plans.flatMap(({ task }) => inputsOf(task)),
    ...controls.flatMap(({ queries, items }) => [...queries, ...items]),
  ];
  const store = await embedOnce(network, inputs, pixels, progressOf(label, options));
  for (const { task, variants, main, controls: answers } of plans) {
    main.push(rankTask(task, store, options));
    for (const [name, variant] of Object.entries(variants)) {
      if ('none' in variant) answers[name] = variant;
      else addAnswer(answers, name, rankTask(task, store, options, variant));
    }
    await setImmediate(); // timers and interrupts have their turn
  }
}

/** The same network before its first step, on the tasks themselves. */
async function answerUntrained(
  network: Trained,
  plans: readonly Plan[],
  pixels: Pixels,
  label: string,
  options: EvaluateOptions,
): Promise<void> {
  const weights = flatten(initMoon(network.model, randomStream(network.config.seed, 'init')));
  try {
    const inputs = plans.flatMap(({ task }) => inputsOf(task));
    const store = await embedOnce({ ...network, ...weights }, inputs, pixels, progressOf(label, options));
    for (const { task, controls } of plans) addAnswer(controls, 'untrained', rankTask(task, store, options));
  } finally {
    weights.parameters.dispose();
  }
}

function answerWithoutNetwork({ task, controls }: Plan): void {
  const answers = { majority: rankByMajority(task), bm25: rankByWords(task) };
  for (const [name, ranks] of Object.entries(answers)) controls[name] = 'none' in ranks ? ranks : [ranks];
}

function addAnswer(answers: TaskRanks['controls'], name: string, ranks: Rank[]): void {
  const known = answers[name];
  if (known && !('none' in known)) known.push(ranks);
  else answers[name] = [ranks];
}

function inputsOf({ asks, items }: Task): Input[] {
  return [...asks, ...items].map(({ input }) => input);
}

function rankTask({ asks, items }: Task, store: EmbeddingStore, { size }: EvaluateOptions, variant?: Variant): Rank[] {
  const embeddings = (named: readonly { id: string; input: Input }[], inputs?: readonly Input[]) => {
    const whole = store.of(
      named.map(({ id }) => id),
      inputs ?? named.map(({ input }) => input),
    );
    return size === undefined ? whole : nested(whole, size);
  };
  const gold = asks.map((ask) => ask.gold);
  return rankItems(embeddings(asks, variant?.queries), gold, embeddings(items, variant?.items));
}

function progressOf(label: string, { onProgress, signal }: EvaluateOptions): EmbedProgress {
  return { onProgress: (done, total) => onProgress?.({ label, done, total }), signal };
}

/** Without pictures that could not be read: their queries are not asked, and products stand without them. */
function readable(catalogue: Catalogue, { missing }: Pixels): Catalogue {
  // A query of image and text without its image would count under another form.
  const pairs = catalogue.pairs.filter(({ query }) => !query.image || !missing.has(query.image.id));
  return withoutImages({ ...catalogue, pairs }, missing);
}
