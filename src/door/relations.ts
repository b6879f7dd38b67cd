export { type EdgeList, type Edges, edgeList, type Relation, relations } from '../relations/edge.js';
export { type ReadEdges, readEdges } from '../relations/edge-file.js';
export {
  randomScores,
  scoresOfContent,
  scoresOfGroups,
  scoresOfPopularity,
  scoresOfVectors,
} from '../relations/link-scores.js';
export type { RelationOption } from '../relations/option.js';
export { type Link, rankLinks, type ScoreItems } from '../relations/rank-links.js';
export { edgeFactors, type RelatedVectors, relatedVectors } from '../relations/related-vectors.js';
export { type RelationStudyOptions, relationStudy } from '../relations/relations-study.js';
export { type RelationSettings, relationSettings } from '../relations/study-settings.js';
export { type RelationModel, type RelationTraining, trainRelations } from '../relations/train-relations.js';
