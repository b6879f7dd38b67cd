export { mapPoints, mapVectors, retrievalCases } from '../evaluate/cases.js';
export { type EvaluateOptions, type Evaluation, evaluateTasks } from '../evaluate/evaluate.js';
export { type Explanation, explain } from '../evaluate/explain.js';
export { joinFolds } from '../evaluate/join-folds.js';
export { type RetrievalOptions, type RetrievalResult, retrieval } from '../evaluate/retrieval.js';
export { saveEvaluation } from '../evaluate/saved-evaluation.js';
export type { RankedEmbeddings, Row, TaskResult } from '../evaluate/task-result.js';
