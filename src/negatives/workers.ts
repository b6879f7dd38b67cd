import { wrongOption } from '../checks/error.js';
import * as tf from '../engine/tf.js';
import { type CachedGradient, gradientOfLoss, type MicroEmbedded } from '../objectives/contrastive/gradient-cache.js';
import { startProcess, type WorkerProcess } from './worker-process.js';

/** Embeds a group of an update, as `cachedGradient`'s `embed` does: a pure function, since a group is embedded twice. */
export type EmbedGroup<Group> = (parameters: tf.Tensor1D, group: Group) => MicroEmbedded;

/** What a module gives its workers: the function for a setup that stays the same, such as a model and the layout of its weights. */
export type MakeEmbedder<Setup, Group> = (setup: Setup) => EmbedGroup<Group> | Promise<EmbedGroup<Group>>;

export interface WorkersOptions<Setup> {
  /** Processes; each runs an engine of its own on its share of the threads. */
  count: number;
  /** Where a worker finds its function: an absolute path, file URL or package, and the name of its `MakeEmbedder` export. */
  module: string;
  name: string;
  /** A plain record: it is copied to every worker. */
  setup: Setup;
  /** Another file for the worker processes to run than the built one, such as one that loads sources. */
  entry?: string;
}

/** Workers that embed the groups of an update. */
export interface Workers<Group> {
  /** Process ids. */
  pids: number[];
  /**
   * `cachedGradient` with its groups (plain records) spread over the workers: spatial negatives gathered from all workers (paper,
   * figure 4a), with exact gradients. The parent holds the parameters; workers embed their groups without a tape; the parent takes
   * the gradient of the loss with respect to all embeddings; workers embed once more, with a tape, and send the gradients that the
   * parent adds up. One update at a time.
   * @throws UserError when a worker ended or failed, with its number and the reason
   */
  gradient<Loss extends { [name: string]: tf.Scalar; total: tf.Scalar }>(
    parameters: tf.Tensor1D,
    groups: readonly Group[],
    loss: (embeddings: tf.Tensor2D, parameters: tf.Tensor1D) => Loss,
  ): Promise<CachedGradient<Loss>>;
  /** End the processes; until then they keep the program alive. */
  stop(): Promise<void>;
}

/** Start worker processes and wait until each has its function. @throws UserError when one cannot. */
export async function startWorkers<Setup, Group>({
  count,
  entry,
  ...start
}: WorkersOptions<Setup>): Promise<Workers<Group>> {
  if (!Number.isInteger(count) || count < 1) throw wrongOption('workers.count', count, 'a whole number of at least 1');
  const workers = Array.from({ length: count }, (_, at) =>
    startProcess(`Worker ${at + 1} of ${count}`, 1 / count, entry),
  );
  const stop = async () => {
    await Promise.all(workers.map((worker) => worker.stop()));
  };
  try {
    await Promise.all(workers.map((worker) => worker.ask('start', start)));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    pids: workers.map(({ pid }) => pid),
    gradient: (parameters, groups, loss) => spreadGradient(workers, parameters, groups, loss),
    stop,
  };
}

async function spreadGradient<Group, Loss extends { [name: string]: tf.Scalar; total: tf.Scalar }>(
  workers: readonly WorkerProcess[],
  parameters: tf.Tensor1D,
  groups: readonly Group[],
  loss: (embeddings: tf.Tensor2D, parameters: tf.Tensor1D) => Loss,
): Promise<CachedGradient<Loss>> {
  const workerOf = (at: number) => workers[at % workers.length];
  const values = await parameters.data<'float32'>();
  await Promise.all(workers.map((worker) => worker.ask('parameters', { values })));
  const embedded = await Promise.all(groups.map((group, at) => workerOf(at).ask('embed', { at, group })));
  const { embeddings, described, ofEmbeddings, ofParameters } = tf.tidy(() => {
    const parts = embedded.map(({ embeddings, rows }) => tf.tensor2d(embeddings, [rows, embeddings.length / rows]));
    const all = tf.concat(parts, 0);
    return { embeddings: all, ...gradientOfLoss(all, parameters, loss) };
  });
  try {
    const pulls = tf.tidy(() =>
      tf.split(
        ofEmbeddings,
        embedded.map(({ rows }) => rows),
        0,
      ),
    );
    const gradients = await Promise.all(pulls.map((pull) => pull.data<'float32'>()));
    tf.dispose(pulls);
    const answers = await Promise.all(
      gradients.map((gradient, at) =>
        workerOf(at).ask('pull', { at, gradient, rows: embedded[at].rows, groups: groups.length }),
      ),
    );
    const gradient = tf.tidy(() => tf.addN([ofParameters, ...answers.map((answer) => tf.tensor1d(answer.gradient))]));
    const penalty = tf.scalar(answers.reduce((sum, answer) => sum + answer.penalty, 0));
    return {
      gradient: gradient as tf.Tensor1D,
      loss: described,
      penalty,
      embeddings,
      embeddingGradient: ofEmbeddings as tf.Tensor2D,
    };
  } catch (error) {
    tf.dispose([embeddings, described, ofEmbeddings]);
    throw error;
  } finally {
    ofParameters.dispose();
  }
}
