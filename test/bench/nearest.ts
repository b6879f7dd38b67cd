import { startEngine } from '../../src/engine/engine.js';
import { randomStream } from '../../src/engine/random.js';
import type { EmbeddingRows } from '../../src/search/files/embedding-table.js';
import { openMemoryStore } from '../../src/search/stores/memory.js';
import { interleave, startRival } from './rival.js';
import type { Bench, BenchRow } from './table.js';

const ITEMS = 1_000_000;
const WIDTH = 128;
const NEAREST = 10;
/** Groups of products that are alike; without groups every item would be as far from a query as any other. */
const GROUPS = 2000;

/**
 * The ten nearest of 1, 100 and 1000 queries among a million items of width 128, and of ten single queries one after another, in seconds, beside faiss-cpu's flat index; both have the items
 * loaded (`nearest:exact`). Then usearch on the same items: its share of the exact ten, seconds of 100 queries, and seconds to build it
 * (`nearest:usearch`). `nearest:exact:N` and `nearest:usearch:N` take N items.
 */
export const rows: Bench = async ({ python, part = '' }) => {
  await startEngine();
  const [only, size] = part.split(':');
  const count = Number(size ?? ITEMS);
  const [items, asked] = [groupedVectors('items', count), groupedVectors('queries', 1000)];
  const store = openMemoryStore(items);
  const search = async (queries: number, method: 'exact' | 'approximate') => {
    const vectors = asked.vectors.slice(0, queries * WIDTH);
    const started = performance.now();
    const found = await store.search({ vectors, width: WIDTH }, NEAREST, { method });
    return { found, seconds: (performance.now() - started) / 1000 };
  };
  const table: BenchRow[] = [];
  if (only !== 'usearch') {
    process.env.ITEMS = String(count);
    const rival = python ? await startRival(python, new URL('./nearest.py', import.meta.url)) : undefined;
    if (rival) console.error(`rival: ${rival.about}`);
    const cases: [name: string, queries: number, times: number][] = [
      ['1000 queries', 1000, 1],
      ['100 queries', 100, 1],
      ['1 query, 10 times', 1, 10],
      ['1 query', 1, 1],
    ];
    for (const [name, queries, times] of cases) {
      const ours = async () => {
        let seconds = 0;
        for (let time = 0; time < times; time++) seconds += (await search(queries, 'exact')).seconds;
        return seconds;
      };
      table.push(await interleave(name, ours, rival, { blocks: queries > 1 ? 5 : 15, unit: 's (less is better)' }));
    }
    rival?.stop();
  }
  if (only !== 'exact') {
    const exact = await search(100, 'exact');
    const first = await search(100, 'approximate');
    const again = await search(100, 'approximate');
    const ids = exact.found.map((found) => new Set(found.map(({ id }) => id)));
    const kept = again.found.flatMap((found, at) => found.filter(({ id }) => ids[at].has(id))).length;
    const row = (name: string, ours: number, unit: string) => ({ name, ours, rival: null, ratio: null, unit });
    table.push(
      row('usearch, recall', kept / (100 * NEAREST), 'of the exact ten'),
      row('usearch, 100 queries', again.seconds, 's'),
      row('usearch, built', first.seconds - again.seconds, 's'),
    );
  }
  await store.close();
  return table;
};

function groupedVectors(name: string, count: number): EmbeddingRows {
  const centres = randomStream(1, 'centres');
  const own = Float32Array.from({ length: GROUPS * WIDTH }, () => centres.uniform() - 0.5);
  const { uniform } = randomStream(1, name);
  const vectors = new Float32Array(count * WIDTH);
  for (let row = 0; row < count; row++) {
    const centre = Math.floor(uniform() * GROUPS) * WIDTH;
    for (let at = 0; at < WIDTH; at++) vectors[row * WIDTH + at] = own[centre + at] + uniform() - 0.5;
  }
  return { ids: Array.from({ length: count }, (_, at) => `${name}${at}`), vectors, width: WIDTH, fields: {} };
}
