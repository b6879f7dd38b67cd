import { setImmediate } from 'node:timers/promises';
import type { Encoder } from '../encoder/encoder.js';
import { flatten } from '../engine/flat-weights.js';
import { randomStream } from '../engine/random.js';
import { truncate } from '../losses/unit-rows.js';
import { initMoon } from '../moon/model.js';
import type { Pixels } from '../pictures/picture-store.js';
import type { Embeddings, Rank } from '../search/embeddings.js';
import { rankEveryItem } from '../search/rank-every-item.js';
import { rankWithDistance, rankWithMargin } from '../search/rank-with-margin.js';
import { rankItems } from '../search/ranks.js';
import { taskKind, taskKinds } from '../tasks/kinds/index.js';
import type { Input, Task } from '../tasks/task.js';
import { type Control, controlsOf, type Variant } from './controls.js';
import { type EmbeddingStore, type EmbedProgress, embedOnce } from './embed-once.js';
import { rankByLikelihood } from './rank-by-likelihood.js';
import type { RankedEmbeddings, TaskRanks } from './task-result.js';

/** How tasks are answered. See `EvaluateOptions`. */
export interface AnswerOptions {
  controls?: boolean;
  size?: number;
  embeddings?: boolean;
  onProgress?: (progress: { label: string; done: number; total: number }) => void;
  signal?: AbortSignal;
}

/** A task with its answers and, if requested, the embeddings of the first model. */
export interface AnsweredTask extends TaskRanks {
  task: Task;
  embeddings?: RankedEmbeddings;
}

/** A task being answered, with the inputs of its controls. */
interface Plan extends AnsweredTask {
  variants: Record<string, Control>;
}

/**
 * Answer tasks and their controls with one or several encoders (seeds of one config). Each distinct sequence is embedded once per encoder.
 * The encoders remain the caller's.
 * @throws UserError for an embedding that is zero or not finite; the signal's reason if aborted
 */
export async function answerTasks(
  networks: readonly Encoder[],
  tasks: readonly Task[],
  pixels: Pixels,
  options: AnswerOptions,
): Promise<AnsweredTask[]> {
  const { controls: withControls = true } = options;
  const plans = tasks.map(
    (task): Plan => ({ task, variants: withControls ? controlsOf(task) : {}, main: [], controls: {} }),
  );
  for (const network of networks) {
    const label = networks.length > 1 ? `seed ${network.config.seed}` : 'network';
    await answer(network, plans, pixels, label, options);
    if (withControls) await answerUntrained(network, plans, pixels, `${label} untrained`, options);
  }
  if (withControls) for (const plan of plans) answerWithoutNetwork(plan);
  return plans;
}

/** Rank every task and control with one encoder, and add the ranks to those of other seeds. */
async function answer(
  network: Encoder,
  plans: readonly Plan[],
  pixels: Pixels,
  label: string,
  options: AnswerOptions,
): Promise<void> {
  const [written, embedded] = byReading(plans);
  const controls = embedded.flatMap(({ variants }) =>
    Object.values(variants).flatMap((each) => ('none' in each ? [] : [each])),
  );
  const inputs = [
    ...embedded.flatMap(({ task }) => inputsOf(task)),
    ...controls.flatMap(({ queries, items }) => [...queries, ...items]),
  ];
  const store = await embedOnce(network, inputs, pixels, progressOf(label, options));
  const answerPlan = async (
    { variants, main, controls: answers }: Plan,
    rank: (variant?: Variant) => Rank[] | Promise<Rank[]>,
  ): Promise<void> => {
    main.push(await rank());
    for (const [name, variant] of Object.entries(variants)) {
      if ('none' in variant) answers[name] = variant;
      else addAnswer(answers, name, await rank(variant));
    }
    await setImmediate(); // let timers and interrupts run
  };
  for (const plan of embedded) {
    const { task } = plan;
    if (options.embeddings) plan.embeddings ??= embeddingsOf(task, store, options);
    await answerPlan(plan, (variant) => rankTask(task, embeddingsOf(task, store, options, variant)));
  }
  for (const plan of written)
    await answerPlan(plan, (variant) =>
      rankByLikelihood(network, plan.task, pixels, { ...progressOf(label, options), variant }),
    );
}

/** Tasks whose items are ranked by how likely they are written, and those that rank embeddings. */
function byReading<Some extends { task: Task }>(plans: readonly Some[]): [written: Some[], embedded: Some[]] {
  const isWritten = ({ task }: Some) => taskKind(task.kind).rankedBy === 'likelihood';
  return [plans.filter(isWritten), plans.filter((plan) => !isWritten(plan))];
}

/** The untrained control: the same model with its initial weights, on the tasks themselves. */
async function answerUntrained(
  network: Encoder,
  plans: readonly Plan[],
  pixels: Pixels,
  label: string,
  options: AnswerOptions,
): Promise<void> {
  const weights = flatten(initMoon(network.model, randomStream(network.config.seed, 'init')));
  const untrained = { ...network, ...weights };
  const progress = progressOf(label, options);
  try {
    const [written, embedded] = byReading(plans);
    const inputs = embedded.flatMap(({ task }) => inputsOf(task));
    const store = await embedOnce(untrained, inputs, pixels, progress);
    for (const { task, controls } of embedded)
      addAnswer(controls, 'untrained', rankTask(task, embeddingsOf(task, store, options)));
    for (const { task, controls } of written)
      addAnswer(controls, 'untrained', await rankByLikelihood(untrained, task, pixels, progress));
  } finally {
    weights.parameters.dispose();
  }
}

/** Add the controls that need no model, according to the task's kind. */
export function answerWithoutNetwork({ task, controls }: Pick<AnsweredTask, 'task' | 'controls'>): void {
  const own = taskKind(task.kind).controls ?? {};
  for (const name of new Set(taskKinds().flatMap((kind) => Object.keys(kind.controls ?? {})))) {
    const ranks = own[name]?.(task) ?? { none: `not for ${task.kind}` };
    controls[name] = 'none' in ranks ? ranks : [ranks];
  }
}

function addAnswer(answers: TaskRanks['controls'], name: string, ranks: Rank[]): void {
  const known = answers[name];
  if (known && !('none' in known)) known.push(ranks);
  else answers[name] = [ranks];
}

function inputsOf({ asks, items }: Task): Input[] {
  return [...asks, ...items].map(({ input }) => input);
}

function embeddingsOf(
  { asks, items }: Task,
  store: EmbeddingStore,
  { size }: AnswerOptions,
  variant?: Variant,
): RankedEmbeddings {
  const of = (named: readonly { id: string; input: Input }[], inputs?: readonly Input[]): Embeddings => {
    const ids = named.map(({ id }) => id);
    const full = store.of(ids, inputs ?? named.map(({ input }) => input));
    return size === undefined ? full : { ids, vectors: truncate(full.vectors, full.width, size), width: size };
  };
  return { queries: of(asks, variant?.queries), items: of(items, variant?.items) };
}

const rankers = { places: rankEveryItem, margin: rankWithMargin, distance: rankWithDistance };

/** Rank the items of a task for each of its queries. */
export function rankTask({ kind, asks }: Task, { queries, items }: RankedEmbeddings): Rank[] {
  const gold = asks.map((ask) => ask.gold);
  const { reads } = taskKind(kind);
  return (reads ? rankers[reads] : rankItems)(queries, gold, items);
}

function progressOf(label: string, { onProgress, signal }: AnswerOptions): EmbedProgress {
  return { onProgress: (done, total) => onProgress?.({ label, done, total }), signal };
}
