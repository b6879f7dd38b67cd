import type { MoonConfig } from '../../config/config.js';
import { gatherRows } from '../../engine/native-ops.js';
import * as tf from '../../engine/tf.js';
import { addInOrder, describeTerms } from '../../losses/contrastive-terms.js';
import { infoNceOfPairs } from '../../losses/info-nce.js';
import { intraProduct } from '../../losses/intra-product.js';
import { PREFERENCES } from '../../losses/loss-weights.js';
import { objectiveWeights, preferenceEntropy } from '../../losses/objective-weights/objective-weights.js';
import { readsGates } from '../../losses/objective-weights/option.js';
import { type RatedPairs, reliabilityOf } from '../../losses/reliability/reliability.js';
import { TEMPERATURE, temperatureOf } from '../../losses/temperature.js';
import type { Batch, BatchTensors } from '../../moon/batch.js';
import { meanBalance } from '../../moon/experts/layer.js';
import { sequenceGates } from '../../moon/experts/sequence-gates.js';
import { type Embedded, embedBatch } from '../../moon/model.js';
import { sourceUse } from '../../negatives/options.js';
import type { ContrastiveInput } from '../../negatives/sources.js';
import { auxiliaryTerms, type ContrastiveOutputs, type StepLabels, type StepTask } from '../contrastive/step.js';
import type { StepWeights } from '../objective.js';
import { type DualAlignment, objectivesOf } from './option.js';
import type { DualSide, DualTruth } from './sides.js';

/** The tensors of one step. */
export type DualInputs = StepLabels &
  DualTruth & {
    weights: StepWeights;
    sides: Partial<Record<DualSide, BatchTensors>>;
    /** Fraction of the run that is done. */
    progress: tf.Scalar;
  };

/** The slots of the expert groups of each side. */
export type DualStatics = Partial<Record<DualSide, Batch['groups']>>;

/**
 * Loss and gradient of one step of dual alignment (MOON2.0, arXiv 2511.12449): embed queries, items, and the items' pictures and texts alone;
 * L = sum of w_m L_m + intra + balance + sparsity, with the terms of the options. A pure function that does not read tensors on the host.
 */
export function dualStep(
  { model, config, trained }: StepTask,
  option: DualAlignment,
  { weights: { trained: flat, frozen }, sides, ...given }: DualInputs,
  groups: DualStatics,
): ContrastiveOutputs {
  return tf.tidy(() => {
    let output: Omit<ContrastiveOutputs, 'gradient'> | undefined;
    const { grad } = tf.valueAndGrad((flat: tf.Tensor) => {
      const weights = trained.weightsOf({ trained: flat as tf.Tensor1D, frozen });
      const embed = (side: DualSide): Embedded | undefined =>
        sides[side] && embedBatch(model, weights, { groups: groups[side]! }, sides[side]!, config.engine);
      const embedded = {
        queries: embed('queries')!,
        items: embed('items')!,
        images: embed('images'),
        texts: embed('texts'),
        labels: embed('labels'),
      };
      const loss = dualLoss(config, option, embedded, { ...given, mask: sides.queries!.mask }, weights);
      const balance = meanBalance(Object.values(embedded).flatMap((each) => each?.experts ?? []));
      const total = tf.add(loss.total, tf.mul(balance, config.balance)) as tf.Scalar;
      output = { measures: { ...loss, balance, total }, itemEmbeddings: tf.keep(tf.clone(embedded.items.embeddings)) };
      for (const value of Object.values(output.measures)) tf.keep(value);
      return total;
    })(flat);
    return { ...output!, gradient: grad as tf.Tensor1D };
  });
}

type LossConfig = Pick<MoonConfig, 'negatives' | 'loss' | 'temperature' | 'auxiliary'>;
type Side = Pick<Embedded, 'embeddings' | 'experts'>;

/** The terms of the loss, computed from embeddings, and their weighted sum `total`; `mask` is that of the queries. */
export function dualLoss(
  config: LossConfig,
  option: DualAlignment,
  sides: { queries: Side; items: Side; images?: Side; texts?: Side; labels?: Side },
  {
    members,
    right,
    present,
    against,
    progress,
    mask,
    truth,
    relevant,
    ...given
  }: Omit<DualInputs, 'weights' | 'sides'> & {
    mask: tf.Tensor2D;
  },
  weights: Record<string, tf.Tensor>,
): Record<string, tf.Scalar> & { total: tf.Scalar } {
  const temperature = temperatureOf(config.temperature, weights[TEMPERATURE]);
  const queries = sides.queries.embeddings;
  const names = objectivesOf(option);
  const sources = { ...sourceUse(config.negatives), smoothing: config.loss.smoothing };
  const contrast = (items: tf.Tensor2D, of: Omit<ContrastiveInput, 'queries' | 'items'>) =>
    infoNceOfPairs({ ...of, queries, items }, temperature, sources);
  const { losses, terms } = contrast(sides.items.embeddings, given);
  const whole = tf.squeeze(losses, [1]) as tf.Tensor1D;

  const rated = ratedPairs(terms, given.hardOf, temperature, right, progress);
  const { weights: reliable, phi } = reliabilityOf(option.reliability, rated);
  // Pictures and texts alone are no items of the queue.
  const { queue: _, ...alone } = given;
  const ofViews = option.directions
    ? [sides.images!, sides.texts!].map(({ embeddings }) => tf.squeeze(contrast(embeddings, alone).losses, [1]))
    : [];
  const each = tf.stack([whole, whole, whole, ...ofViews]);
  const counts = tf.maximum(tf.sum(members, 1), 1);
  const ofObjectives = tf.div(tf.sum(tf.mul(tf.mul(each, members), tf.expandDims(reliable, 0)), 1), counts);
  const gates = readsGates(option.weights) ? sequenceGates(sides.queries.experts, mask) : undefined;
  const preferences = weights[PREFERENCES] as tf.Tensor2D | undefined;
  const shares = objectiveWeights(option.weights, { names, members, gates, preferences });
  const inter = tf.sum(tf.mul(ofObjectives, shares)) as tf.Scalar;

  const measures: Record<string, tf.Scalar> = { inter };
  let total: tf.Tensor = inter;
  const add = (name: string, term: tf.Scalar, weight: number) => {
    measures[name] = term;
    total = tf.add(total, tf.mul(term, weight));
  };
  if (option.intra.kind === 'own-text') {
    const both = option.reliability.kind !== 'one' && option.reliability.multiplies === 'both';
    const views = {
      images: sides.images!.embeddings,
      texts: sides.texts!.embeddings,
      present,
      against,
      ...(both ? { weights: ofItems(reliable, given.positiveOf, present.shape[0]) } : {}),
    };
    add('intra', intraProduct(views, option.intra.temperature), option.intra.weight);
  }
  if (preferences) add('sparsity', preferenceEntropy(preferences), option.sparsity);
  const beside = auxiliaryTerms(
    config.auxiliary,
    queries,
    { ...given, labels: sides.labels?.embeddings, truth, relevant },
    temperature,
  );
  const parts = (values: tf.Tensor) => tf.unstack(values) as tf.Scalar[];
  const [lossOf, weightOf] = [parts(ofObjectives), parts(shares)];
  names.forEach((name, at) => {
    measures[`${name}Loss`] = lossOf[at];
    measures[`${name}Weight`] = weightOf[at];
  });
  const { total: __, ...described } = describeTerms(inter, terms, temperature);
  return {
    ...described,
    ...measures,
    ...(phi ? phiMeasures(phi, right) : {}),
    ...beside.measures,
    temperature,
    total: addInOrder([total, ...beside.weighed]) as tf.Scalar,
  };
}

/** The cosines of a step's pairs and of their hard negatives. */
function ratedPairs(
  { dots, positives }: { dots: tf.Tensor2D; positives: tf.Tensor2D },
  hardOf: tf.Tensor1D | undefined,
  temperature: tf.Scalar,
  right: tf.Tensor1D,
  progress: tf.Scalar,
): RatedPairs {
  const positive = tf.mul(tf.squeeze(positives, [1]), temperature) as tf.Tensor1D;
  if (!hardOf)
    return { positive, negative: tf.zerosLike(positive), contrasted: tf.zerosLike(positive), right, progress };
  const [queries, items] = dots.shape;
  const places = tf.add(tf.range(0, queries * items, items, 'int32'), tf.maximum(hardOf, tf.scalar(0, 'int32')));
  const picked = gatherRows(tf.reshape(dots, [-1, 1]) as tf.Tensor2D, places as tf.Tensor1D);
  return {
    positive,
    negative: tf.mul(tf.squeeze(picked, [1]), temperature) as tf.Tensor1D,
    contrasted: tf.cast(tf.greaterEqual(hardOf, tf.scalar(0, 'int32')), 'float32'),
    right,
    progress,
  };
}

/** The mean reliability of the queries that bought each item; 1 for items that none bought. */
function ofItems(reliable: tf.Tensor1D, positiveOf: tf.Tensor, items: number): tf.Tensor1D {
  const bought = tf.cast(tf.oneHot(tf.reshape(positiveOf, [-1]) as tf.Tensor1D, items), 'float32');
  const count = tf.sum(bought, 0);
  const mean = tf.div(tf.sum(tf.mul(bought, tf.expandDims(reliable, 1)), 0), tf.maximum(count, 1));
  return tf.where(tf.greater(count, 0), mean, 1) as tf.Tensor1D;
}

/** Mean phi, and apart for pairs that are right and that are known to be wrong: phi also lowers hard pairs that are right. */
function phiMeasures(phi: tf.Tensor1D, right: tf.Tensor1D): Record<string, tf.Scalar> {
  const wrong = tf.sub(1, right);
  const mean = (of: tf.Tensor) => tf.div(tf.sum(tf.mul(phi, of)), tf.maximum(tf.sum(of), 1)) as tf.Scalar;
  return { phi: tf.mean(phi) as tf.Scalar, phiRight: mean(right), phiWrong: mean(wrong) };
}
