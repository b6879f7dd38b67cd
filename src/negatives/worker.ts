import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as tf from '../engine/tf.js';
import { gradientOfMicro } from '../objectives/contrastive/gradient-cache.js';
import type { Answer, Question, Questions } from './worker-process.js';
import type { EmbedGroup, MakeEmbedder } from './workers.js';

/** What runs in a worker process: answers its parent's questions one after the other, until the parent is gone. */

let embed: EmbedGroup<unknown>;
let parameters: tf.Tensor1D | undefined;
const groups = new Map<number, unknown>();

const answers: { [Kind in keyof Questions]: (ask: Questions[Kind]['ask']) => Promise<Questions[Kind]['answer']> } = {
  start: async ({ module, name, setup }) => {
    const made = ((await import(isAbsolute(module) ? pathToFileURL(module).href : module)) as Record<string, unknown>)[
      name
    ];
    if (typeof made !== 'function') throw new Error(`${module} exports no function ${name}`);
    embed = await (made as MakeEmbedder<unknown, unknown>)(setup);
    return null;
  },
  parameters: async ({ values }) => {
    parameters?.dispose();
    parameters = tf.tensor1d(values);
    groups.clear();
    return null;
  },
  embed: async ({ at, group }) => {
    groups.set(at, group);
    const embeddings = tf.tidy(() => embed(parameters!, group).embeddings);
    const answer = { embeddings: await embeddings.data<'float32'>(), rows: embeddings.shape[0] };
    embeddings.dispose();
    return answer;
  },
  pull: async ({ at, gradient, rows, groups: count }) => {
    const own = tf.tidy(() => {
      const pull = tf.tensor2d(gradient, [rows, gradient.length / rows]);
      return gradientOfMicro(parameters!, groups.get(at), embed, pull, count);
    });
    groups.delete(at);
    const [ofParameters, [penalty]] = await Promise.all([own.gradient.data<'float32'>(), own.penalty.data()]);
    tf.dispose(own);
    return { gradient: ofParameters, penalty };
  },
};

async function answer({ kind, ...question }: Question): Promise<void> {
  const reply = (value: Answer) => process.send?.(value);
  try {
    reply({ value: await (answers[kind] as (ask: unknown) => Promise<unknown>)(question) });
  } catch (error) {
    reply({ failed: (error as Error).message });
  }
}

let last = Promise.resolve();
process.on('message', (question: Question) => {
  last = last.then(() => answer(question));
});
process.on('disconnect', () => process.exit());
