import type { Split } from '../../data/types.js';
import type { TaskResult } from '../task-result.js';

export const splitTitle: Record<Split, string> = { train: 'training', dev: 'dev', val: 'validation', test: 'test' };

/** A task for a reader; its name where it has no title. */
export function taskTitle({ name, title = name }: Pick<TaskResult, 'name' | 'title'>): string {
  return title;
}

const controls: Record<string, string> = {
  textOnly: 'queries without image',
  imageOnly: 'queries without text',
  shuffledImage: 'query images shuffled',
  galleryTextOnly: 'products without image',
  galleryImageOnly: 'products without text',
  shuffledQueries: 'vectors of the queries shuffled',
  untrained: 'untrained network',
  bm25: 'BM25, words alone',
  majority: 'always the most frequent label',
};

/** A control for a reader; its name where nobody gave it another. */
export function controlTitle(name: string): string {
  return controls[name] ?? name;
}
