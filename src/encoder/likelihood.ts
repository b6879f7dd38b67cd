import { logits } from '../backbones/layers/decoder.js';
import { assert, UserError } from '../checks/error.js';
import { type Compiled, compile } from '../engine/compile/compile.js';
import { unflatten } from '../engine/flat-weights.js';
import { longCall } from '../engine/long-call.js';
import { nameTensors, treeOf } from '../engine/named-tensors.js';
import { gatherRows } from '../engine/native-ops.js';
import * as tf from '../engine/tf.js';
import { crossEntropy } from '../losses/next-token.js';
import type { Batch, BatchTensors } from '../moon/batch.js';
import { batchOptions, embedBatch, type MoonModel } from '../moon/model.js';
import { answerSegment, type Question, questionSequence } from '../moon/question.js';
import type { Sequence } from '../moon/sequence.js';
import type { Pixels } from '../pictures/picture-store.js';
import { textOption } from '../text/text-option.js';
import { paddedBatch } from './embed-shapes.js';
import { type Encoder, sequenceOptions } from './encoder.js';
import { uploadPictured } from './upload.js';

/** A question and the answers that are compared. */
export interface Choice {
  question: Question;
  answers: readonly string[];
}

export interface LikelihoodOptions {
  onProgress?: (done: number, total: number) => void;
  /** Aborts after the current batch: the promise is rejected with the signal's reason. */
  signal?: AbortSignal;
}

/** Number of sequences read together, and to what multiple the number of their answers' tokens is padded. */
const BATCH = 64;
const TOKENS = 256;

/**
 * How likely a network writes each answer to a question: log p(answer, end | question) in nats, in the order of the answers. It reads causally,
 * as in its captioning stage.
 * @throws UserError for a network without words of its own
 * @example
 * ```ts
 * const question = { id: 'a', image, prompt: 'colour', answer: 'attribute' } as const;
 * const [[red, blue]] = await moon.encoder.likelihoods(encoder, [{ question, answers: ['red', 'blue'] }], pixels);
 * ```
 */
export async function likelihoods(
  encoder: Encoder,
  choices: readonly Choice[],
  pixels: Pixels,
  { onProgress, signal }: LikelihoodOptions = {},
): Promise<number[][]> {
  requireWords(encoder);
  const read = sequenceOptions(encoder, pixels);
  const asked = choices.flatMap(({ question, answers }, choice) => {
    const { id, segments } = questionSequence(question, read);
    return answers.map((text, answer) => {
      const sequence = { id, segments: [...segments, answerSegment(question.answer, text, read)] };
      return { choice, answer, sequence, length: lengthOf(sequence) };
    });
  });
  // Sequences of one length together, to reduce padding.
  asked.sort((a, b) => a.length - b.length || a.choice - b.choice || a.answer - b.answer);
  const found = choices.map(({ answers }) => Array<number>(answers.length).fill(0));
  await longCall(signal, async (call) => {
    for (let start = 0; start < asked.length; start += BATCH) {
      call.signal.throwIfAborted();
      const own = asked.slice(start, start + BATCH);
      const sums = await batchLikelihoods(
        encoder,
        own.map(({ sequence }) => sequence),
        pixels,
      );
      for (const [at, { choice, answer }] of own.entries()) found[choice][answer] = sums[at];
      const done = start + own.length;
      call.show({ label: 'answers', done, total: asked.length });
      onProgress?.(done, asked.length);
    }
  });
  return found;
}

/** @throws UserError for a network that reads texts with a frozen encoder and has no words to write */
export function requireWords({ config }: Pick<Encoder, 'config'>): void {
  if (textOption(config.text).kind !== 'own')
    throw new UserError(
      `text.kind: got 'frozen', and such a network has no words to answer with. Evaluate other tasks, or train one with text.kind=own.`,
    );
}

const lengthOf = ({ segments }: Sequence) => segments.reduce((sum, { ids }) => sum + ids.length, 0);

/** The tokens that count: a row that predicts one, the token, and the sequence that it belongs to. */
interface Predicted {
  rows: Int32Array;
  tokens: Int32Array;
  sequences: number[];
}

async function batchLikelihoods(encoder: Encoder, sequences: readonly Sequence[], pixels: Pixels): Promise<number[]> {
  const { model, parameters, config } = encoder;
  const batch = paddedBatch(sequences, batchOptions(model));
  const predicted = lastSegments(sequences, batch.length);
  const losses = tf.tidy(() => {
    const tensors = uploadPictured(batch, model, pixels);
    const rows = tf.tensor1d(predicted.rows, 'int32');
    const tokens = tf.tensor1d(predicted.tokens, 'int32');
    const named = nameTensors({ parameters, tensors, rows, tokens });
    const compiled = config.engine.compile && tf.getBackend() === 'tensorflow';
    return (compiled ? compiledOf(encoder) : lossesOf(encoder))(named, batch.groups).losses;
  });
  const values = await losses.data();
  losses.dispose();
  const sums = sequences.map(() => 0);
  for (const [at, sequence] of predicted.sequences.entries()) sums[sequence] -= values[at];
  return sums;
}

/** The tokens of the last segment of each sequence; padded with the first row. */
function lastSegments(sequences: readonly Sequence[], length: number): Predicted {
  const rows: number[] = [];
  const tokens: number[] = [];
  const owners: number[] = [];
  sequences.forEach((sequence, at) => {
    const { ids } = sequence.segments[sequence.segments.length - 1];
    const first = lengthOf(sequence) - ids.length;
    assert(first > 0, 'a question stands before its answer');
    ids.forEach((id, place) => {
      rows.push(at * length + first + place - 1);
      tokens.push(id);
      owners.push(at);
    });
  });
  const padding = Array<number>((TOKENS - (rows.length % TOKENS)) % TOKENS).fill(0);
  return {
    rows: Int32Array.from([...rows, ...padding]),
    tokens: Int32Array.from([...tokens, ...padding]),
    sequences: owners,
  };
}

type Losses = (named: Record<string, tf.Tensor>, groups: Batch['groups']) => Record<string, tf.Tensor>;

/** -log p of each counted token [tokens], from the row that predicts it. */
const lossesOf =
  ({ model, layout }: { model: MoonModel; layout: Encoder['layout'] }): Losses =>
  (named, groups) => {
    type Given = { parameters: tf.Tensor1D; tensors: BatchTensors; rows: tf.Tensor1D; tokens: tf.Tensor1D };
    const { parameters, tensors, rows, tokens } = treeOf<Given>(named);
    const weights = unflatten(parameters, layout);
    const { hidden } = embedBatch({ ...model, attention: 'causal' }, weights, { groups }, tensors);
    const flat = tf.reshape(hidden, [-1, hidden.shape[2]]) as tf.Tensor2D;
    return { losses: crossEntropy(logits(weights, gatherRows(flat, rows)), tokens) };
  };

/** Keyed by the architecture, as those of the embedder. */
const graphs = new Map<string, Compiled<Batch['groups']>>();

function compiledOf({ model, layout }: Encoder): Losses {
  const captures = { model, layout };
  const key = JSON.stringify(captures);
  const made = graphs.get(key) ?? compile(lossesOf(captures), { name: 'likelihood', captures, maxShapes: 32 });
  graphs.set(key, made);
  return made;
}
