import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../store/atomic.js';
import type { Evaluation } from './evaluate.js';

/** What `saveEvaluation` writes: the evaluation without its rows, and what it was made of. */
type Saved = Evaluation & { key?: string };

const file = (folder: string) => join(folder, 'evaluation.json');

/**
 * Write an evaluation into a folder: `evaluation.json`, and `rows.jsonl` with a line a query and seed, where it has rows.
 * @param key names all that decides its numbers, so that they need not be made again (`savedEvaluation`)
 */
export function saveEvaluation(folder: string, evaluation: Evaluation, key?: string): void {
  writeFileAtomic(join(folder, 'rows.jsonl'), rowLines(evaluation));
  writeFileAtomic(file(folder), JSON.stringify({ ...withoutRows(evaluation), key } satisfies Saved, null, 1));
}

/** The evaluation that a folder holds under this key. */
export function savedEvaluation(folder: string, key: string): Evaluation | undefined {
  if (!existsSync(file(folder))) return undefined;
  const { key: was, ...evaluation } = JSON.parse(readFileSync(file(folder), 'utf8')) as Saved;
  return was === key ? evaluation : undefined;
}

/** Rows of all tasks, a line of JSON each. */
export function rowLines({ tasks }: Evaluation): string {
  return tasks.flatMap(({ rows = [] }) => rows.map((row) => `${JSON.stringify(row)}\n`)).join('');
}

/** What stands in a table: neither rows nor embeddings. */
export function withoutRows(evaluation: Evaluation): Evaluation {
  const tasks = evaluation.tasks.map(({ rows: _, controlAnswers: __, embeddings: ___, ...task }) => task);
  return { ...evaluation, tasks };
}
