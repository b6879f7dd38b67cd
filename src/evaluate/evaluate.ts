import { checkEvaluationImages } from '../config/needed-images.js';
import { withoutImages } from '../data/drop-missing.js';
import { countFound, type Found } from '../data/found.js';
import type { Catalogue, Split } from '../data/types.js';
import { dataSetOf } from '../datasets/index.js';
import { noTask, tasksOf } from '../datasets/tasks.js';
import type { Encoder } from '../encoder/encoder.js';
import { embeddingWidth } from '../encoder/joined-embedding.js';
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
  /** The split whose queries are used. */
  split: Split;
  /** Task names or prefixes up to a dot, or a user-defined protocol; default all tasks of the catalogue. */
  tasks?: readonly string[] | Protocol;
  /** Product ids of a fold of `unseenFolds` that were left out of training by `withoutProducts`. All of their photos are queries. */
  unseen?: readonly string[];
  /** Include one row per query and seed in every result. */
  rows?: boolean;
  /** Include the embeddings of the first encoder in every result, for cases and maps. */
  embeddings?: boolean;
  /** Whether to run the controls, which take most of the time. Default true. */
  controls?: boolean;
  /** Evaluate only the first `size` dimensions of the embeddings (Matryoshka). Default all. */
  size?: number;
  /** Number of bootstrap samples. Default 2000. */
  draws?: number;
  onProgress?: (progress: EvaluateProgress) => void;
  signal?: AbortSignal;
}

export interface EvaluateProgress {
  label: string;
  done: number;
  total: number;
}

/** Results of one encoder, or of several seeds of one config together. Plain JSON, unless embeddings are included. */
export interface Evaluation {
  data: string;
  split: Split;
  /** Seeds of the encoders. */
  seeds: number[];
  /** Counts of what was found in the data and what is missing. */
  found: Found;
  tasks: TaskResult[];
  /** Number of images that were not read and are left out everywhere. */
  missingImages: number;
}

/**
 * Evaluate one encoder, or several seeds of one config, by the tasks of the catalogue (see src/evaluate/README.md): every task with its
 * metrics and intervals, chance, controls and slices. Each distinct sequence is embedded once per encoder. The encoders remain the
 * caller's.
 * @throws UserError if the split has no queries; if no image was found for a model trained with images; for an unknown task or one that
 * cannot be measured; and for an embedding that is zero or not finite
 * @example
 * ```ts
 * const catalogue = await moon.openCatalogue(moon.GROCERY_PACK);
 * const encoder = moon.loadBest('runs/start/seed-1');
 * const pixels = await moon.encoder.preparePixels(encoder.config, catalogue);
 * const evaluation = await moon.evaluateTasks(encoder, catalogue, pixels, { split: 'dev' });
 * console.log(moon.evaluate.evaluationText(evaluation));
 * ```
 */
export async function evaluateTasks(
  encoder: Encoder | readonly Encoder[],
  catalogue: Catalogue,
  pixels: Pixels,
  options: EvaluateOptions,
): Promise<Evaluation> {
  return longCall(options.signal, ({ signal, show }) =>
    evaluateNetworks([encoder].flat(), catalogue, pixels, {
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
  if (size !== undefined) checkSize(size, embeddingWidth(networks[0]));
  const found = countFound(catalogue, pixels.missing);
  checkEvaluationImages(networks[0].config, found);
  const source: TaskSource = {
    catalogue: readable(catalogue, pixels),
    split,
    pixels,
    aliases: dataSetOf(catalogue).aliases,
    ...(unseen ? { unseen: new Set(unseen) } : {}),
  };
  const tasks = typeof wanted === 'function' ? wanted(source) : tasksOf(source, wanted);
  if (!tasks.length) throw noTask(source);
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

/** Remove unreadable images: their queries are left out, and products lose them. */
function readable(catalogue: Catalogue, { missing }: Pixels): Catalogue {
  // Without its image, a query of image and text would count as a text query.
  const pairs = catalogue.pairs.filter(({ query }) => !query.image || !missing.has(query.image.id));
  return withoutImages({ ...catalogue, pairs }, missing);
}
