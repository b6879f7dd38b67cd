export { type Answer, answers, answerTasks } from '../tasks/answer-tasks.js';
export { catalogueTasks } from '../tasks/catalogue-tasks.js';
export { type Direction, directions, directionTasks } from '../tasks/directions.js';
export { chanceOf } from '../tasks/kinds/chance.js';
export { addTaskKind, type TaskKind, taskKinds } from '../tasks/kinds/index.js';
export { retrievalMetrics } from '../tasks/kinds/retrieval.js';
export type { Ask, Input, Item, Protocol, Task, TaskSource } from '../tasks/task.js';
