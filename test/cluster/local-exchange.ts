import type { Exchange } from '../../src/cluster/exchange.js';

/** Exchanges of several ranks in this process: each sum waits for all of them. */
export function localExchanges(world: number): Exchange[] {
  let given: Float32Array[] = [];
  let waiting: ((sum: Float32Array) => void)[] = [];
  return Array.from({ length: world }, (_, rank) => ({
    rank,
    world,
    sum: (values) =>
      new Promise<Float32Array>((resolve) => {
        given[rank] = values.slice();
        waiting.push(resolve);
        if (waiting.length < world) return;
        const all = waiting;
        const sum = given[0].map((_, at) => given.reduce((total, each) => total + each[at], 0));
        [given, waiting] = [[], []];
        for (const each of all) each(sum.slice());
      }),
  }));
}
