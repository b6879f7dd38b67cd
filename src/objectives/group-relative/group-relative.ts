import { UserError, wrongOption } from '../../checks/error.js';
import type { Product } from '../../data/types.js';
import { type Encoder, sequenceOptions } from '../../encoder/encoder.js';
import { type WrittenText, writeTexts } from '../../encoder/writing/write-texts.js';
import { randomStream } from '../../engine/random.js';
import * as tf from '../../engine/tf.js';
import { maskedToken } from '../../losses/masked-token.js';
import type { Batch, BatchTensors } from '../../moon/batch.js';
import { captionTargets } from '../../moon/captions.js';
import { type AnsweredQuestion, questionAbout, questionSequence } from '../../moon/question.js';
import type { QuestionKind } from '../../moon/question-option.js';
import { END_OF_TEXT, type Segment, type Sequence, specialId } from '../../moon/sequence.js';
import type { Sample } from '../../sampler/sampler.js';
import { batchBuilder, type MicroBatch } from '../batch-builder.js';
import { writingStep } from '../captions/writing-step.js';
import { compiledStep } from '../compiled-step.js';
import type { Objective, ObjectiveKind, StepBatch, StepWeights } from '../objective.js';
import { readSize } from '../read-size.js';
import { groupAdvantages } from './advantages.js';

/** How good a text is that was written in answer to a question about a product: a pure function, on any scale. */
export type Reward = (written: WrittenText, product: Product, asked: AnsweredQuestion) => number;

export interface GroupRelativeOption {
  reward: Reward;
  /** What is asked about each product. */
  question: Exclude<QuestionKind, 'text' | 'summary' | 'box'>;
  /** Products of an update, each with a group of texts. Default 8. */
  products?: number;
  /** Texts of a group. Default 8. */
  samples?: number;
  /** Most tokens of a text. Default 24. */
  most?: number;
  /** Temperature of sampling. Default 1. */
  temperature?: number;
}

interface GroupBatch extends StepBatch {
  texts: MicroBatch;
  targets: tf.Tensor1D;
  factors: tf.Tensor1D;
  /** Mean reward, and the fraction of groups in which all texts have one reward. */
  reward: tf.Scalar;
  flat: tf.Scalar;
}

type GroupInputs = { weights: StepWeights; texts: BatchTensors; targets: tf.Tensor1D; factors: tf.Tensor1D };

/**
 * A stage in which the network learns from rewards of what it writes itself (GRPO, arXiv 2402.03300): several texts are sampled for each question, and
 * those with a reward above the mean of their group become likelier, the others less likely. One update per batch, so that the ratio of policies is 1
 * and nothing is clipped; there is no penalty for moving away from the start. Records have the mean reward, and as `flat` the fraction of groups without
 * a gradient.
 * @throws UserError for an option out of range
 * @example
 * ```ts
 * const shop = moon.generateShop({ products: 50 });
 * const config = moon.readConfig({ base: 'grocery', captioning: { kind: 'captions', fraction: 1, questions: ['title'] } });
 * const { encoder, pixels } = await moon.prepare(moon.budgeted(config, 40), shop);
 * const brevity = moon.objectives.groupRelative({ question: 'title', reward: ({ text }) => -text.length });
 * await moon.train(encoder, shop, pixels, { stages: [{ objective: brevity, steps: 40 }] });
 * ```
 */
export function groupRelative(option: GroupRelativeOption): ObjectiveKind {
  const { reward, question, products = 8, samples = 8, most = 24, temperature = 1 } = option;
  for (const [name, value, min] of [
    ['products', products, 1],
    ['samples', samples, 2],
    ['most', most, 1],
  ] as const)
    if (!(Number.isInteger(value) && value >= min)) throw wrongOption(name, value, `an integer of at least ${min}`);
  if (!(temperature > 0 && temperature < Number.POSITIVE_INFINITY))
    throw wrongOption('temperature', temperature, 'a number above 0');
  return {
    name: 'groupRelative',
    open({ encoder, trained, pixels, sampler, crops, state }): Objective<GroupBatch> {
      const { config, model } = encoder;
      const read = sequenceOptions(encoder, pixels);
      const end = specialId(encoder.tokenizer, END_OF_TEXT);
      const asked = (sample: Sample, turn = 0) => askedOf(sample, question, turn, products, read);
      const longest: Segment = { aspect: question, ids: Array<number>(most + 1).fill(end) };
      const preview = sampler.preview().map((sample) =>
        repeated(
          asked(sample).map(({ prompt }) => withText(prompt, longest)),
          samples,
        ),
      );
      const task = { config, model, trained };
      const build = batchBuilder(encoder, pixels, crops, preview, { microBatch: Number.POSITIVE_INFINITY });
      const step = compiledStep(
        task,
        'group-relative step',
        ({ weights, texts, targets, factors }: GroupInputs, groups: Batch['groups']) =>
          writingStep(task, weights, texts, groups, {
            name: 'policy',
            attention: 'causal',
            loss: (scores) => maskedToken(scores, targets, factors),
          }),
      );
      let drawn: Drawn[] = [];
      return {
        async before(complete) {
          const parameters = complete();
          const writer: Encoder = { ...encoder, parameters };
          try {
            for (let at = 0; at < config.optimizer.accumulate; at++) {
              const own = asked(sampler.sample(), state.step);
              if (!own.length)
                throw new UserError(`question: no product of training has a ${question}. Ask for something else.`);
              const prompts = repeated(
                own.map(({ prompt }) => prompt),
                samples,
              );
              const stream = randomStream(config.seed, `written ${state.step} ${at}`);
              const written = await writeTexts(writer, prompts, pixels, {
                most,
                aspect: question,
                temperature,
                stream,
              });
              const rewards = own.map(({ product, question: put }, group) =>
                written.slice(group * samples, (group + 1) * samples).map((text) => reward(text, product, put)),
              );
              drawn.push({ prompts, written, rewards });
            }
          } finally {
            parameters.dispose();
          }
        },
        sample() {
          const [{ prompts, written, rewards }] = drawn;
          drawn = drawn.slice(1);
          const sequences = prompts.map((prompt, at) => {
            const { ids, ended } = written[at];
            return withText(prompt, { aspect: question, ids: ended === 'stop' ? [...ids, end] : ids });
          });
          const [texts] = build(sequences);
          const targets = captionTargets(texts.batch);
          const { values, flat } = groupAdvantages(rewards);
          const own = {
            targets: tf.tensor1d(targets, 'int32'),
            factors: tf.tensor1d(tokenFactors(targets, texts.batch.length, values)),
            reward: tf.scalar(meanOf(rewards.flat())),
            flat: tf.scalar(flat / rewards.length),
          };
          return {
            ids: prompts.map(({ id }) => id),
            size: readSize(sequences),
            texts,
            ...own,
            dispose: () => tf.dispose([texts.tensors, own.targets, own.factors]),
          };
        },
        step(weights, { texts: { tensors, batch }, targets, factors, reward: mean, flat }) {
          const { gradient, measures } = step({ weights, texts: tensors, targets, factors }, batch.groups);
          return { gradient, measures: { ...measures, reward: mean, flat } };
        },
      };
    },
  };
}

/** What was written for one batch, the texts of a group one after the other. */
interface Drawn {
  prompts: Sequence[];
  written: WrittenText[];
  rewards: number[][];
}

/** Questions about the first products of a sample that have an answer. @param turn attributes are asked for in turn */
function askedOf(
  { items, itemImages }: Sample,
  kind: GroupRelativeOption['question'],
  turn: number,
  most: number,
  read: Parameters<typeof questionSequence>[1],
): { product: Product; question: AnsweredQuestion; prompt: Sequence }[] {
  return items
    .flatMap(({ product }, row) => {
      const asked = questionAbout(product, itemImages[row], kind, turn + row);
      return asked ? [{ product, question: asked, prompt: questionSequence(asked, read) }] : [];
    })
    .slice(0, most);
}

const withText = ({ id, segments }: Sequence, text: Segment): Sequence => ({
  id,
  segments: text.ids.length ? [...segments, text] : segments,
});

const repeated = <T>(values: readonly T[], times: number): T[] =>
  values.flatMap((value) => Array<T>(times).fill(value));

/** The factor of every row's loss: its text's advantage over the tokens of the text, over the texts of the batch. */
function tokenFactors(targets: Int32Array, length: number, advantages: readonly number[]): Float32Array {
  const factors = new Float32Array(targets.length);
  for (const [text, advantage] of advantages.entries()) {
    const rows = Array.from({ length }, (_, at) => text * length + at).filter((row) => targets[row] >= 0);
    for (const row of rows) factors[row] = advantage / (rows.length * advantages.length);
  }
  return factors;
}

const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
