import type { RandomStream } from '../../engine/random.js';
import type { Graph } from '../graph.js';
import type { Triple } from '../triples.js';

/** A question about a graph, with all that a right answer says. */
export interface Asked {
  prompt: string;
  /** The triples that the answer follows from. */
  needed: readonly Triple[];
  answer: string;
}

/** A kind of question. */
export interface Question {
  name: string;
  /** All answers that there are, where they are few: a catalogue has equally many questions of each. */
  answers?: readonly string[];
  /** All questions of this kind about a graph that have one answer; none where there are none. */
  ask(graph: Graph, stream: RandomStream): Asked[];
}
