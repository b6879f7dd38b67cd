import { count } from './count.js';
import { entity } from './entity.js';
import { error } from './error.js';
import { neighbour } from './neighbour.js';
import type { Question } from './question.js';
import { relation } from './relation.js';
import { entityReasoning, relationReasoning } from './two-hops.js';

/** The kinds of questions in the order of STAR-64K (arXiv 2510.21828), whose fifth, a description, is left out. */
export const questions: readonly Question[] = [
  entity,
  relation,
  neighbour,
  count,
  error,
  entityReasoning,
  relationReasoning,
];
