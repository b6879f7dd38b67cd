import { UserError } from '../checks/error.js';
import { checkAskedImages } from '../config/needed-images.js';
import { withoutImages } from '../data/drop-missing.js';
import { countFound, type Found } from '../data/found.js';
import type { Catalogue, Split } from '../data/types.js';
import { tasksOf } from '../datasets/tasks.js';
import type { Encoder } from '../encoder/encoder.js';
import { longCall } from '../engine/long-call.js';
import { checkSize } from '../losses/unit-rows.js';
import type { Pixels } from '../pictures/picture-store.js';
import { checkTask } from '../tasks/check-task.js';
import type { Protocol, TaskSource } from '../tasks/task.js';
import { answerTasks } from './answers.js';
import { measureTask } from './measure.js';
import { controlAnswersOf, rowsOf } from './rows.js';
import { seenProducts } from './seen-products.js';
import type { TaskResult } from './task-result.js';

export interface EvaluateOptions {
  /** Which queries ask. */
  split: Split;
  /** Names of tasks or their beginnings up to a dot, or a protocol of one's own; all that the catalogue has where left out. */
  tasks?: readonly string[] | Protocol;
  /** Product ids of a fold of `unseenFolds`, left out of training by `withoutProducts`: all of their photos ask. */
  unseen?: readonly string[];
  /** Keep a row a query in every result. */
  rows?: boolean;
  /** Keep what was ranked in every result: the embeddings of the first network, for cases and maps. */
  embeddings?: boolean;
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

/** Results of one network, or of several seeds of one config together; plain JSON, unless embeddings are kept. */
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

/**
 * Measure a network, or several seeds of one config, by the protocols of the catalogue (docs/protocols): every task with its metrics and
 * intervals, chance, controls and slices. Each different sequence is embedded once a network. The networks stay the caller's.
 * @throws UserError when the split asks nothing, when no image was found for a network that was trained with images, for an unknown task
 * or one that cannot be measured, and for an embedding without direction.
 */
export async function evaluateTasks(
  trained: Encoder | readonly Encoder[],
  catalogue: Catalogue,
  pixels: Pixels,
  options: EvaluateOptions,
): Promise<Evaluation> {
  return longCall(options.signal, ({ signal, show }) =>
    evaluateNetworks([trained].flat(), catalogue, pixels, {
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
  networks: readonly Encoder[],
  catalogue: Catalogue,
  pixels: Pixels,
  { tasks: wanted, ...options }: EvaluateOptions,
): Promise<Evaluation> {
  const { split, unseen, size, draws } = options;
  if (size !== undefined) checkSize(size, networks[0].model.network.text.width);
  const found = countFound(catalogue, pixels.missing);
  checkAskedImages(networks[0].config, found);
  const source: TaskSource = {
    catalogue: readable(catalogue, pixels),
    split,
    pixels,
    ...(unseen ? { unseen: new Set(unseen) } : {}),
  };
  const tasks = typeof wanted === 'function' ? wanted(source) : tasksOf(source, wanted);
  if (!tasks.length)
    throw new UserError(
      `split: got '${split}', for which ${catalogue.root || catalogue.adapter} has no queries; look with moon-lab data inspect.`,
    );
  for (const task of tasks) checkTask(task);
  const answered = await answerTasks(networks, tasks, pixels, options);
  const products = seenProducts(tasks, networks, source.catalogue);
  const seeds = networks.map(({ config }) => config.seed);
  return {
    data: catalogue.adapter,
    split,
    seeds,
    found,
    tasks: answered.map(({ task, main, controls, embeddings }, at) => ({
      ...measureTask(task, products[at], { main, controls }, { draws }),
      ...(options.rows ? { rows: rowsOf(task, main, seeds), controlAnswers: controlAnswersOf(controls) } : {}),
      ...(embeddings ? { embeddings } : {}),
    })),
    missingImages: pixels.missing.size,
  };
}

/** Without pictures that could not be read: their queries are not asked, and products stand without them. */
function readable(catalogue: Catalogue, { missing }: Pixels): Catalogue {
  // A query of image and text without its image would count under another form.
  const pairs = catalogue.pairs.filter(({ query }) => !query.image || !missing.has(query.image.id));
  return withoutImages({ ...catalogue, pairs }, missing);
}
