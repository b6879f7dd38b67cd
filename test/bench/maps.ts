import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEngine } from '../../src/engine/engine.js';
import { randomStream } from '../../src/engine/random.js';
import { mapQuality } from '../../src/maps/map-quality.js';
import { layoutMap } from '../../src/maps/umap.js';
import { unitRows } from '../../src/search/nearest.js';
import { panningRows } from './map-panning.js';
import { interleave, median, type Rival, startRival } from './rival.js';
import { type Bench, type BenchRow, benchText } from './table.js';

const COUNT = 10_000;
const WIDTH = 128;
const CLUSTERS = 200;
const NEIGHBOURS = 14;

/**
 * Seconds from 10,000 embeddings of width 128 to a map with its scores (umap-learn draws no scores), at the defaults of both sides and
 * with umap-learn's epochs cut to ours, and how true the maps are. Then how a map of 50,000 points pans in a browser.
 */
export const rows: Bench = async ({ python }) => {
  await startEngine();
  const rival = python ? await startRival(python, new URL('./maps.py', import.meta.url)) : undefined;
  if (rival) console.error(`rival: ${rival.about}`);
  const folder = mkdtempSync(join(tmpdir(), 'moon-maps-'));
  const embeddings = clusteredEmbeddings();
  try {
    const table: BenchRow[] = [];
    for (const [name, epochs] of [
      ['10,000 x 128 to a map, defaults', 0],
      ['10,000 x 128 to a map, 200 epochs both', 200],
    ] as const) {
      const rows = await mapRows(name, embeddings, epochs, rival, folder);
      console.error(benchText(rows)); // on a busy machine the whole takes long
      table.push(...rows);
    }
    return [...table, ...(await panningRows())];
  } finally {
    rival?.stop();
    rmSync(folder, { recursive: true });
  }
};

async function mapRows(
  name: string,
  embeddings: Float32Array,
  epochs: number,
  rival: Rival | undefined,
  folder: string,
): Promise<BenchRow[]> {
  const source = join(folder, 'embeddings.f32');
  const target = join(folder, 'map.f32');
  writeFileSync(source, embeddings);
  const scores: { ours: number[]; theirs: number[] } = { ours: [], theirs: [] };
  const ours = async () => {
    const started = performance.now();
    const { trustworthiness } = await layoutMap(embeddings, COUNT, WIDTH, {
      cache: null,
      seed: scores.ours.length,
      epochs: epochs || undefined,
    });
    scores.ours.push(trustworthiness);
    return (performance.now() - started) / 1000;
  };
  const theirs: Rival | undefined = rival && {
    ...rival,
    measure: async () => {
      const seconds = await rival.measure([source, COUNT, WIDTH, epochs, target].join(' '));
      scores.theirs.push(await trustOf(embeddings, target));
      return seconds;
    },
  };
  const time = await interleave(name, ours, theirs, { blocks: 5, unit: 's (less is better)' });
  const [own, other] = [median(scores.ours), theirs ? median(scores.theirs) : null];
  return [
    time,
    {
      name: `trustworthiness of it, ${NEIGHBOURS} neighbours`,
      ours: own,
      rival: other,
      ratio: other && own / other,
      unit: 'of 1 (more is better)',
    },
  ];
}

async function trustOf(embeddings: Float32Array, file: string): Promise<number> {
  const map = new Float32Array(new Uint8Array(readFileSync(file)).buffer);
  const unit = unitRows(embeddings, COUNT, WIDTH);
  const { trustworthiness } = await mapQuality(unit, map, NEIGHBOURS, 0);
  unit.dispose();
  return trustworthiness;
}

/** Clouds that touch: products of 200 kinds. */
function clusteredEmbeddings(): Float32Array {
  const random = randomStream(1, 'maps');
  const centres = Float32Array.from({ length: CLUSTERS * WIDTH }, () => random.normal());
  return Float32Array.from({ length: COUNT * WIDTH }, (_, at) => {
    const cluster = Math.floor(at / WIDTH) % CLUSTERS;
    return centres[cluster * WIDTH + (at % WIDTH)] + 0.8 * random.normal();
  });
}
