export { type GraphAnswer, parseAnswer, rightAnswer, writeAnswer } from '../graphs/answer.js';
export { askNetwork } from '../graphs/ask.js';
export {
  type GraphOptions,
  type GraphQuestion,
  graphCatalogue,
  graphProduct,
  graphQuestions,
  type Shown,
} from '../graphs/catalogue.js';
export { type Guess, ink, majority } from '../graphs/controls.js';
export { drawGraph, type GraphStyle, graphStyles, looks, type StyleName } from '../graphs/draw.js';
export { type Graph, graphProducts, growGraph } from '../graphs/graph.js';
export { type GraphsStudyOptions, graphsStudy } from '../graphs/graphs-study.js';
export { type Layout, layoutGraph } from '../graphs/layout.js';
export { NAMING, namingCatalogue } from '../graphs/naming.js';
export { questions } from '../graphs/questions/index.js';
export type { Asked, Question } from '../graphs/questions/question.js';
export { exact } from '../graphs/rewards/exact.js';
export { format } from '../graphs/rewards/format.js';
export { knowledge } from '../graphs/rewards/knowledge.js';
export type { GraphReward } from '../graphs/rewards/reward.js';
export { type GraphSettings, graphSettings } from '../graphs/study-settings.js';
export {
  type GraphNode,
  isTrue,
  type ProductNode,
  type Relation,
  relations,
  type Triple,
  tripleText,
  type ValueNode,
} from '../graphs/triples.js';
