import { assert } from '../../checks/error.js';
import type { RanksOrNone } from '../../tasks/kinds/index.js';
import type { Input, Task } from '../../tasks/task.js';
import { rankTask } from '../answers.js';
import { coversAll, type System, whyNot } from './system.js';

/** How inputs become vectors without a network of moon-lab. */
export interface VectorSource {
  width: number;
  /** [inputs, width] */
  of(inputs: readonly Input[]): Float32Array;
}

/** A system that makes a vector of each input that it knows something of. */
export function vectorSystem(name: string, { width, of }: VectorSource, knows: (input: Input) => boolean): System {
  const known = (own: readonly { id: string; input: Input }[]) =>
    new Set(own.flatMap(({ id, input }) => (knows(input) ? id : [])));
  return {
    name,
    seeds: [],
    covers: (task) => whyNot(task) ?? { asks: known(task.asks), items: known(task.items) },
    async answer(tasks) {
      return tasks.map((task) => {
        const side = (own: Task['asks'] | Task['items']) => {
          const vectors = of(own.map(({ input }) => input));
          return { ids: own.map(({ id }) => id), vectors, width };
        };
        const embeddings = { queries: side(task.asks), items: side(task.items) };
        return { bySeed: [rankTask(task, embeddings)], embeddings };
      });
    },
  };
}

/** A system that ranks without vectors. @param rank the ranks of a task, or why there are none */
export function rankingSystem(name: string, rank: (task: Task) => RanksOrNone): System {
  return {
    name,
    seeds: [],
    covers(task) {
      const ranks = whyNot(task) ?? rank(task);
      return 'none' in ranks ? ranks : coversAll(task);
    },
    async answer(tasks) {
      return tasks.map((task) => {
        const ranks = rank(task);
        assert(!('none' in ranks), `${name} has no ranks for ${task.name}`);
        return { bySeed: [ranks] };
      });
    },
  };
}
