import type { Relation } from './edge.js';

/** Names of the weights of a relation. */
export const relationNames = (relation: Relation) => ({
  /** The network that weighs edges: [hidden, 3 width], [hidden], [1, hidden], [1] */
  first: `${relation}.edge.first.weight`,
  firstBias: `${relation}.edge.first.bias`,
  second: `${relation}.edge.second.weight`,
  secondBias: `${relation}.edge.second.bias`,
  /** What the mean of neighbours' contents becomes, [width, width] */
  message: `${relation}.message.weight`,
  /** [width, 2 width] */
  gate: `${relation}.gate.weight`,
  /** Which second item belongs to a first one, [width, width] */
  match: `${relation}.match.weight`,
});
