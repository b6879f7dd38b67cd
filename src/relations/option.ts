import { fillIn } from '../checks/fill-in.js';
import { type Filled, fraction, integer, number, oneOf, record } from '../checks/schema.js';

/** How a model of relations between items reads their edges, and how it is trained. */
export interface RelationOption {
  /** Factors of neighbours: learned from both contents, so that a wrong edge counts little; or equal. */
  edges?: 'learned' | 'equal';
  /** How an item's content e and its neighbours' message h are joined: by a learned gate for every number, half of each, or one of them alone. */
  fusion?: 'gate' | 'half' | 'content' | 'neighbours';
  /** Weight of the contrast between two views of an item that each lack some of its edges; 0 without views. */
  views?: number;
  /** Fraction of the edges that a view lacks. */
  drop?: number;
  /** Weight of the mean factor of edges, which keeps those small that help nobody. */
  sparsity?: number;
  /** Neighbours that an item reads, drawn anew for every update. */
  neighbours?: number;
  /** Fraction of the items that read no neighbours in an update, as new ones will (DropoutNet, Volkovs et al. 2017). */
  alone?: number;
  /** Width of the network that weighs edges. */
  hidden?: number;
  temperature?: number;
  steps?: number;
  /** Edges of an update; each is contrasted with the ends of the others. */
  batch?: number;
  rate?: number;
}

export const relationSchema = record<RelationOption>({
  edges: oneOf(['learned', 'equal'], {
    default: 'learned',
    help: 'factors of edges: learned from both contents, or equal',
  }),
  fusion: oneOf(['gate', 'half', 'content', 'neighbours'], {
    default: 'gate',
    help: 'how content and neighbours are joined: by a learned gate, half of each, or one of them alone',
  }),
  views: number({ min: 0, default: 0.1, help: 'weight of the contrast between views that lack edges; 0 without' }),
  drop: fraction({ default: 0.3, help: 'the fraction of the edges that a view lacks' }),
  sparsity: number({ min: 0, default: 0.01, help: 'weight of the mean factor of edges' }),
  neighbours: integer({ min: 1, max: 1024, default: 8, help: 'neighbours that an item reads in training' }),
  alone: fraction({
    default: 0.2,
    help: 'the fraction of items that read no neighbours in an update, as new ones will',
  }),
  hidden: integer({ min: 1, max: 4096, default: 32, help: 'width of the network that weighs edges' }),
  temperature: number({ min: 0.001, max: 10, default: 0.1, help: 'temperature of the contrast' }),
  steps: integer({ min: 1, max: 10_000_000, default: 600, help: 'updates' }),
  batch: integer({ min: 2, max: 65_536, default: 512, help: 'edges of an update' }),
  rate: number({ min: 0, max: 1, default: 1e-2, help: 'peak of the learning rate' }),
});

/** The option with its defaults filled in. @throws UserError for a wrong value */
export const relationOption = (option: RelationOption = {}): Filled<RelationOption> =>
  fillIn(relationSchema, option, 'relations');
