import { meanOf } from '../../statistics/statistic.js';
import type { Answered, TaskKind } from './kind.js';

const change = ({ value = 0 }: Answered) => value;

/**
 * How much an embedding moves when a part of its input is exchanged: 1 minus the cosine with the embedding of the changed input, averaged over
 * queries. 0 where the part is ignored. More is not better: an embedding of the part alone moves most.
 */
export const sensitivity: TaskKind = {
  name: 'sensitivity',
  statistics: (answers) => ({ change: meanOf(answers.map(change)) }),
  primary: 'change',
  perQuery: { change },
  reads: 'distance',
};
