import { expect, test } from 'vitest';
import { gatherTexts, shareOf } from '../../../src/cluster/exchange.js';
import { grocery } from '../../../src/datasets/grocery/recipes.js';
import * as tf from '../../../src/engine/tf.js';
import { groupRows } from '../../../src/negatives/spatial.js';
import { contrastive } from '../../../src/objectives/contrastive/contrastive.js';
import type { Provenance } from '../../../src/train/run/provenance.js';
import { meetWorkers } from '../../../src/train/shared/meet.js';
import { slowWatch } from '../../../src/train/shared/slow-worker.js';
import { openTeam } from '../../../src/train/shared/team.js';
import { localExchanges } from '../../cluster/local-exchange.js';

test('the shares of workers are the groups of spatial negatives', () => {
  for (const world of [1, 2, 3, 5])
    for (const count of [5, 6, 13]) {
      const groups = groupRows(count, world);
      for (let rank = 0; rank < world; rank++) {
        const { start, end } = shareOf(count, { rank, world });
        expect([...groups.keys()].filter((row) => groups[row] === rank)).toEqual(
          Array.from({ length: end - start }, (_, at) => start + at),
        );
      }
    }
});

test('texts of all lengths reach every worker', async () => {
  const texts = ['', 'größer', 'x'.repeat(1000)];
  const found = await Promise.all(localExchanges(3).map((exchange, rank) => gatherTexts(exchange, texts[rank])));
  expect(found).toEqual([texts, texts, texts]);
});

test.each<[Partial<Provenance>, string]>([
  [{ tensorflow: '2.20.0' }, 'tensorflow differs from that of worker 0 ("2.21.0" on worker 0, "2.20.0" there)'],
  [{ data: 'b' }, 'data differs from that of worker 0 ("a" on worker 0, "b" there)'],
  [{ code: 'd' }, 'code differs from that of worker 0 ("c" on worker 0, "d" there)'],
  [{ config: { ...grocery, seed: 2 } }, 'config differs from that of worker 0'],
])('a worker with %o is refused by name, by all', async (other, words) => {
  const own: Provenance = {
    config: grocery,
    data: 'a',
    backend: 'native-cpu',
    tensorflow: '2.21.0',
    threads: 1,
    flags: {},
    machine: 'one',
    code: 'c',
  };
  const provenances = [own, { ...own, machine: 'another' }, { ...own, ...other }];
  const met = localExchanges(3).map((exchange, rank) => meetWorkers(exchange, provenances[rank]));
  for (const end of await Promise.allSettled(met)) {
    expect(end.status).toBe('rejected');
    const { message } = (end as PromiseRejectedResult).reason as Error;
    expect(message).toMatch(/^worker 2 \(.+\): /);
    expect(message).toContain(words);
    expect(message).toContain('All workers need the same code, data, engine and config.');
  }
});

test('a worker that is slow for ten updates in a row is named once', () => {
  const watch = slowWatch();
  const told = Array.from({ length: 40 }, (_, update) => {
    // The last is slow, but for one update on the way.
    return watch([1, 1.2, 1.1, update === 5 ? 1.4 : 1.8]);
  });
  expect(told.flatMap((slow, update) => slow.map((worker) => [update, worker]))).toEqual([[15, 3]]);
});

test('workers tell one another what they compute, without what they wait', async () => {
  const slow: number[][] = [[], []];
  await Promise.all(
    localExchanges(2).map(async (exchange, rank) => {
      const team = openTeam(exchange, [{ objective: contrastive, steps: 1 }], (worker) => slow[rank].push(worker));
      const parameters = tf.tensor1d([1, 2]);
      for (let update = 0; update < 10; update++) {
        // Worker 0 waits in the exchange for as long as worker 1 computes.
        const started = performance.now() - (rank ? 5000 : 1000);
        const gradient = await team.share({
          gradient: tf.tensor1d([rank, 1]),
          counts: true,
          stop: false,
          parameters,
          started,
        });
        expect([...gradient.dataSync()]).toEqual([1, 2]);
        gradient.dispose();
      }
      parameters.dispose();
    }),
  );
  expect(slow).toEqual([[1], [1]]);
});
