import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../store/atomic.js';
import type { Evaluation } from './evaluate.js';

/** The content of `evaluation.json`: the evaluation without rows, and its key. */
type Saved = Evaluation & { key?: string };

const file = (folder: string) => join(folder, 'evaluation.json');

/**
 * Write an evaluation to a folder: `evaluation.json`, and `rows.jsonl` with a line per query and seed (empty if the evaluation has no
 * rows).
 * @param key identifies everything that the results depend on, so that they can be reused (`savedEvaluation`)
 */
export function saveEvaluation(folder: string, evaluation: Evaluation, key?: string): void {
  writeFileAtomic(join(folder, 'rows.jsonl'), rowLines(evaluation));
  writeFileAtomic(file(folder), JSON.stringify({ ...withoutRows(evaluation), key } satisfies Saved, null, 1));
}

/** The evaluation saved in a folder, if it has this key. */
export function savedEvaluation(folder: string, key: string): Evaluation | undefined {
  if (!existsSync(file(folder))) return undefined;
  const { key: was, ...evaluation } = JSON.parse(readFileSync(file(folder), 'utf8')) as Saved;
  return was === key ? evaluation : undefined;
}

/** The rows of all tasks as JSON lines. */
export function rowLines({ tasks }: Evaluation): string {
  return tasks.flatMap(({ rows = [] }) => rows.map((row) => `${JSON.stringify(row)}\n`)).join('');
}

/** The evaluation without rows and embeddings, as needed for tables. */
export function withoutRows(evaluation: Evaluation): Evaluation {
  const tasks = evaluation.tasks.map(({ rows: _, controlAnswers: __, embeddings: ___, ...task }) => task);
  return { ...evaluation, tasks };
}
