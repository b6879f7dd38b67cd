import type { Answer } from '../ablate/run/trial.js';
import type { StepRecord } from '../train/step-record.js';
import { type GraphAnswer, rightAnswer } from './answer.js';
import type { GraphQuestion } from './catalogue.js';
import { questions } from './questions/index.js';
import { knowledge } from './rewards/knowledge.js';

/** The tasks: all questions, in the style of training and in the other, those about graphs that contradict the shop, and each kind. */
export const taskNames: readonly string[] = [
  'all',
  'all.curved',
  'all.contradicting',
  ...questions.map(({ name }) => name),
];

/** The questions of a task. */
export function questionsOf(task: string, asked: readonly GraphQuestion[]): readonly GraphQuestion[] {
  if (task === 'all' || task === 'all.curved') return asked;
  return asked.filter(({ kind, graph }) => (task === 'all.contradicting' ? !graph.agrees : kind === task));
}

/** What was said to each question; undefined for a text that is no answer. */
export type Said = readonly (GraphAnswer | undefined)[];

/**
 * Answers by task. Texts that are no answer are wrong, and of no class.
 * @param curved what was said of the other style, if anything
 */
export function answersByTask(asked: readonly GraphQuestion[], said: Said, curved?: Said): Record<string, Answer[]> {
  const rowOf = new Map(asked.map((question, row) => [question, row]));
  const tasks = taskNames.filter((task) => curved || task !== 'all.curved');
  return Object.fromEntries(
    tasks.map((task) => [
      task,
      questionsOf(task, asked).map((question): Answer => {
        const written = (task === 'all.curved' ? curved! : said)[rowOf.get(question)!];
        const { id, answer } = question;
        const before = written?.answer === answer ? 0 : 1;
        const best = written ? [written.answer] : [];
        return { task, query: id, product: id, gold: [answer], before, tied: 0, relevant: 1, best };
      }),
    ]),
  );
}

const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** How often a text was no answer, and how well the triples that were listed are those of the graph that the question needs. */
export function writtenMeasures(asked: readonly GraphQuestion[], said: Said): Record<string, number> {
  return {
    'no answer': meanOf(said.map((written) => (written ? 0 : 1))),
    'knowledge F1': meanOf(said.map((written, row) => knowledge(written, rightAnswer(asked[row])))),
  };
}

/** Mean reward over the first and the last updates of a stage, and the fraction of groups without a gradient. */
export function rewardMeasures(records: readonly StepRecord[]): Record<string, number> {
  const few = Math.min(5, records.length);
  const mean = (of: readonly StepRecord[], name: string) => meanOf(of.map(({ measures }) => measures[name]));
  return {
    'reward, first': mean(records.slice(0, few), 'reward'),
    'reward, last': mean(records.slice(-few), 'reward'),
    'flat groups': mean(records, 'flat'),
  };
}
