import { startEngine } from '../../src/engine/engine.js';
import { randomStream } from '../../src/engine/random.js';
import type { Embeddings } from '../../src/search/embeddings.js';
import { rankItems } from '../../src/search/ranks.js';
import { interleave, startRival } from './rival.js';
import type { Bench } from './table.js';

const QUERIES = 10_000;
const ITEMS = 100_000;
const WIDTH = 128;

/**
 * Exact ranks and the ten nearest of 10,000 queries among 100,000 items of width 128, in seconds, beside faiss-cpu's flat index, which finds
 * the ten nearest alone. Two cases: queries near what they ask for (half of them find it first, the mean rank is about 70), and queries that
 * know nothing, whose ranks lie in the middle.
 */
export const rows: Bench = async ({ python }) => {
  await startEngine();
  const rival = python ? await startRival(python, new URL('./ranking.py', import.meta.url)) : undefined;
  if (rival) console.error(`rival: ${rival.about}`);
  const items = unitVectors('items', ITEMS);
  const noise = unitVectors('queries', QUERIES);
  const gold = noise.ids.map((_, at) => items.ids[(at * 7919) % ITEMS]);
  const table = [];
  for (const [name, fraction] of [
    ['queries that know their product', 0.37],
    ['queries that know nothing', 0],
  ] as const) {
    const queries = { ...noise, vectors: noise.vectors.slice() };
    queries.vectors.forEach((value, at) => {
      const item = ((Math.floor(at / WIDTH) * 7919) % ITEMS) * WIDTH + (at % WIDTH);
      queries.vectors[at] = Math.sqrt(1 - fraction ** 2) * value + fraction * items.vectors[item];
    });
    const ours = () => {
      const started = performance.now();
      rankItems(queries, gold, items);
      return (performance.now() - started) / 1000;
    };
    table.push(await interleave(name, ours, rival, { blocks: 5, unit: 's (less is better)' }));
  }
  rival?.stop();
  return table;
};

function unitVectors(name: string, count: number): Embeddings {
  const { uniform } = randomStream(1, name);
  const vectors = new Float32Array(count * WIDTH);
  for (let row = 0; row < count; row++) {
    const own = vectors.subarray(row * WIDTH, (row + 1) * WIDTH);
    // A sum of uniform numbers is near enough to normal, and cheap.
    for (let at = 0; at < WIDTH; at++) own[at] = uniform() + uniform() + uniform() - 1.5;
    const length = Math.hypot(...own);
    for (let at = 0; at < WIDTH; at++) own[at] /= length;
  }
  return { ids: Array.from({ length: count }, (_, at) => `${name}${at}`), vectors, width: WIDTH };
}
