import type { MoonConfig } from '../config/config.js';
import { withoutImages } from '../data/drop-missing.js';
import { type Corpus, collectCorpus } from '../data/training-set.js';
import type { Catalogue } from '../data/types.js';
import { embedSequences } from '../encoder/embed.js';
import { sequenceOptions, type Trained } from '../encoder/encoder.js';
import { planShapes, type ShapePlan } from '../encoder/shape-plan.js';
import { type RandomStream, randomStream } from '../engine/random.js';
import * as tf from '../engine/tf.js';
import type { BatchTensors } from '../moon/batch.js';
import { productSequence, type Sequence } from '../moon/sequence.js';
import type { HardCandidates } from '../negatives/hard.js';
import { sourceUse } from '../negatives/options.js';
import { sameCategory } from '../negatives/same-category.js';
import { groupCount } from '../negatives/spatial.js';
import type { Pixels } from '../pictures/picture-store.js';
import { type Draw, drawStep } from '../sampler/draw.js';
import { drawLabels, indexLabels, type LabelDraw } from '../sampler/labels.js';
import { uniqueNegatives } from '../sampler/unique-negatives.js';
import { mineHard } from '../search/mined.js';
import { remembering } from '../text/cached-tokenizer.js';
import { minedOf, type TrainState, type TrainStreams } from '../train/train-state.js';
import type { MicroBatch } from './cached-step.js';
import type { StepLabels } from './contrastive-step.js';
import {
  captionSequences,
  type ReadSize,
  readSize,
  sideVariations,
  stepSequences,
  uploadDraw,
  uploadLabels,
  uploadSequences,
  uploadTargets,
} from './step-data.js';

/** Tensors of one draw of the main stage, each side in micro-batches. */
export interface ContrastiveBatch {
  stage: 'contrastive';
  /** Ids of its queries, for messages. */
  ids: string[];
  size: ReadSize;
  queries: MicroBatch[];
  items: MicroBatch[];
  labels: MicroBatch[];
  given: StepLabels;
  /** Different products among the negatives, by source; `queue` holds the numbers of those in the queue, where it counts. */
  uniqueNegatives(queue?: ArrayLike<number>): ReturnType<typeof uniqueNegatives>;
  dispose(): void;
}

/** Tensors of one draw of the generative stage. */
export interface CaptionBatch {
  stage: 'captions';
  ids: string[];
  size: ReadSize;
  captions: MicroBatch;
  targets: tf.Tensor1D;
  dispose(): void;
}

/** Where a run's batches come from. */
export interface Supply {
  captions(): CaptionBatch;
  contrastive(): ContrastiveBatch;
  /** Look for hard negatives anew, where they are mined and it is time. */
  refresh(state: TrainState, trained: Trained): Promise<void>;
}

/** Labels of a step, where they have a weight. */
const LABELS = 48;
/** Draws that the shapes of a run are planned from. */
const SAMPLES = 48;
/** Hard negatives are mined so often in a run. */
const MININGS = 10;

/** Draw, read and upload by the run's streams. */
export function openSupply(
  trained: Trained,
  catalogue: Catalogue,
  pixels: Pixels,
  streams: TrainStreams,
  state: TrainState,
): Supply {
  const { config, model } = trained;
  const corpus = collectCorpus(withoutImages(catalogue, pixels.missing));
  const read = sequenceOptions({ ...trained, tokenizer: remembering(trained.tokenizer) }, pixels);
  const reading = { model, pixels };
  const variations = (sequences: readonly Sequence[]) => sideVariations(sequences, config.augment, streams.crop);
  const first = firstHard(config, corpus);
  let hard = minedOf(state) ?? first;
  const labelsOf = indexLabels(corpus.products.map(({ product }) => product));
  const use = sourceUse(config.negatives);
  const groups = groupCount(config.negatives.spatial);
  const draw = (
    from: Pick<TrainStreams, 'draw' | 'labels'>,
    candidates: HardCandidates | undefined,
  ): [Draw, LabelDraw | undefined] => {
    const drawn = drawStep(corpus, config.draw, from.draw, { hard: candidates, groups });
    const own = drawn.items.map(({ product }) => labelsOf.get(product)!);
    const labels = config.auxiliary.labels ? drawLabels(own, drawn.positiveOf, LABELS, from.labels) : undefined;
    return [drawn, labels];
  };
  // By what a run starts with, also of one that goes on: its shapes, and so its digits, are those of the run that never stopped.
  const plan = planRun(() => {
    const sample = randomStream(config.seed, 'shapes');
    return Array.from({ length: SAMPLES }, () => {
      const [drawn, labels] = draw({ draw: sample, labels: sample }, first);
      return { ...stepSequences(drawn, labels, read), captions: captionSequences(drawn, read) };
    });
  }, config.microBatch);
  const micros = (sequences: readonly Sequence[], shapes: ShapePlan) => {
    const vary = variations(sequences);
    return chunks(sequences, config.microBatch).map((chunk): MicroBatch => {
      const { batch, tensors } = uploadSequences(chunk, shapes, reading, vary);
      return { groups: batch.groups, tensors: withNoise(tensors) };
    });
  };
  const jitters = config.experts.kind !== 'none' && Boolean(config.experts.jitter);
  const withNoise = (tensors: BatchTensors): BatchTensors =>
    jitters ? { ...tensors, noise: drawSeed(streams.jitter) } : tensors;

  return {
    captions() {
      const [drawn] = draw(streams, hard);
      const sequences = captionSequences(drawn, read);
      const { batch, tensors } = uploadSequences(sequences, plan.captions, reading, variations(sequences));
      const noisy = withNoise(tensors);
      const targets = uploadTargets(batch);
      const ids = drawn.items.map(({ product }) => product.id);
      const dispose = () => tf.dispose([noisy, targets]);
      const captions = { groups: batch.groups, tensors: noisy };
      return { stage: 'captions', ids, size: readSize(sequences), captions, targets, dispose };
    },

    contrastive() {
      const [drawn, labelDraw] = draw(streams, hard);
      const sequences = stepSequences(drawn, labelDraw, read);
      const queries = micros(sequences.queries, plan.queries);
      const items = micros(sequences.items, plan.items);
      const labels = micros(sequences.labels, plan.labels);
      const given = {
        ...uploadDraw(drawn),
        ...(labelDraw ? uploadLabels(labelDraw, drawn.queries.length) : {}),
      };
      const ids = drawn.queries.map(({ id }) => id);
      const dispose = () => tf.dispose([[...queries, ...items, ...labels].map(({ tensors }) => tensors), given]);
      const size = readSize(Object.values(sequences).flat());
      return {
        stage: 'contrastive',
        ids,
        size,
        queries,
        items,
        labels,
        given,
        uniqueNegatives: (queue) => uniqueNegatives(drawn, use, queue),
        dispose,
      };
    },

    async refresh(state, trained) {
      const option = config.negatives.hard;
      const every = Math.ceil(config.optimizer.steps / MININGS);
      if (option.kind !== 'mined' || state.step % every !== 0) return;
      const sequences = corpus.products.map(({ product }) => productSequence(product, read));
      const parameters = state.tensors.parameters as tf.Tensor1D;
      hard = mineHard(await embedSequences({ ...trained, parameters }, sequences, pixels), corpus.numbers, option);
      state.extra.mined = [...hard.of];
    },
  };
}

/** The seed of a router's jitter. */
function drawSeed(stream: RandomStream): tf.Tensor1D {
  return tf.tensor1d([stream.integer(2 ** 31), stream.integer(2 ** 31)], 'int32');
}

/** Hard negatives before anything is learned; mined ones are still none, but have their places in a step. */
function firstHard({ negatives: { hard } }: MoonConfig, { products, numbers }: Corpus): HardCandidates | undefined {
  if (hard.kind === 'none') return undefined;
  if (hard.kind === 'mined') return { of: new Map(), fellBack: [], without: [] };
  return sameCategory(
    products.map(({ product }) => product),
    numbers,
    hard.level,
  );
}

/** Shapes of every side of a step; an update of several micro-batches runs operation by operation and needs no plan. */
function planRun(sample: () => Record<'queries' | 'items' | 'labels' | 'captions', Sequence[]>[], most: number) {
  const samples = sample();
  const planOf = (side: keyof (typeof samples)[0]) => {
    const sequences = samples.map((each) => each[side]);
    return sequences[0].length && sequences[0].length <= most ? planShapes(sequences) : [];
  };
  return { queries: planOf('queries'), items: planOf('items'), labels: planOf('labels'), captions: planOf('captions') };
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));
}
