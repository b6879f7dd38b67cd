export { alignmentTask } from '../tasks/alignment-task.js';
export { type Answer, answers, answerTasks } from '../tasks/answer-tasks.js';
export { catalogueTasks } from '../tasks/catalogue-tasks.js';
export { type Direction, directions, directionTasks } from '../tasks/directions.js';
export { chanceOf } from '../tasks/kinds/chance.js';
export { addTaskKind, type TaskKind, taskKinds } from '../tasks/kinds/index.js';
export { retrievalMetrics } from '../tasks/kinds/retrieval.js';
export {
  type MultiLabelQuery,
  type MultiLabelQuery,
  type MultiLabelScores,
  type MultiLabelScores,
  multiLabelScores,
  multiLabelScores,
} from '../tasks/multi-label.js';
export { shortTextTasks } from '../tasks/short-text-tasks.js';
export { swapTasks } from '../tasks/swap-tasks.js';
export type { Ask, Input, Item, Protocol, Task, TaskSource } from '../tasks/task.js';
export { corpusBleu, sentenceBleu, type TextPair } from '../tasks/text-scores/bleu.js';
export { jaccard, type Overlap, rougeL, rougeN } from '../tasks/text-scores/rouge.js';
export { tfidfCosine } from '../tasks/text-scores/tfidf.js';
export { type TokenStates, tokenMatch } from '../tasks/text-scores/token-match.js';
