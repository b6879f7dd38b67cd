import { meanOf } from '../../statistics/statistic.js';
import type { Answered, TaskKind } from './kind.js';

const margin = ({ value = 0 }: Answered) => value;

/**
 * How far apart matched and mismatched pairs are: the cosine of a query with its own item minus the mean cosine with the others (the measure of
 * image-text alignment in arXiv 2602.06056), averaged over queries. From -2 to 2; 0 by chance.
 */
export const alignment: TaskKind = {
  name: 'alignment',
  statistics: (answers) => ({ margin: meanOf(answers.map(margin)) }),
  primary: 'margin',
  perQuery: { margin },
  reads: 'margin',
};
