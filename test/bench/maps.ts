import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { wrongOption } from '../../src/checks/error.js';
import { startEngine } from '../../src/engine/engine.js';
import { peakMemory } from '../../src/engine/memory.js';
import { randomStream } from '../../src/engine/random.js';
import { mapQuality } from '../../src/maps/map-quality.js';
import { layoutMap } from '../../src/maps/umap.js';
import { unitRows } from '../../src/search/nearest.js';
import { pickVectors } from '../../src/search/pick-vectors.js';
import { panningRows } from './map-panning.js';
import { interleave, median, type Rival, startRival } from './rival.js';
import { row } from './sized.js';
import { type Bench, type BenchRow, benchText } from './table.js';

const COUNT = 10_000;
const WIDTH = 128;
const CLUSTERS = 200;
const NEIGHBOURS = 14;

/** A large map: by landmarks. */
const MILLION = 1_000_000;
const NARROW = 64;

/**
 * Seconds from 10,000 embeddings of width 128 to a map with its scores (umap-learn draws no scores), at the defaults of both sides and
 * with umap-learn's epochs cut to ours, and how true the maps are. Then how a map of 50,000 points pans in a browser. `maps:million` is a
 * map of 1,000,000 embeddings by landmarks.
 */
export const rows: Bench = async ({ python, part }) => {
  if (part !== undefined && part !== 'million') throw wrongOption('maps:PART', part, 'million');
  await startEngine();
  if (part) return millionRows();
  const rival = python ? await startRival(python, new URL('./maps.py', import.meta.url)) : undefined;
  if (rival) console.error(`rival: ${rival.about}`);
  const folder = mkdtempSync(join(tmpdir(), 'moon-maps-'));
  const embeddings = clusteredEmbeddings(COUNT, WIDTH);
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

/** A map of 1,000,000 embeddings with its scores, and the score of its landmarks alone. */
async function millionRows(): Promise<BenchRow[]> {
  const embeddings = clusteredEmbeddings(MILLION, NARROW);
  const started = performance.now();
  const map = await layoutMap(embeddings, MILLION, NARROW, { cache: null });
  const seconds = (performance.now() - started) / 1000;
  const landmarks = map.landmarks!;
  const name = `1,000,000 x ${NARROW} to a map by ${landmarks.length.toLocaleString('en')} landmarks`;
  const rows = [...landmarks];
  const alone = await layoutMap(pickVectors(embeddings, NARROW, rows), rows.length, NARROW, { cache: null });
  return [
    row(name, seconds, 's (less is better)'),
    row('trustworthiness of all its points', map.trustworthiness, 'of 1 (more is better)'),
    row('trustworthiness of its landmarks', alone.trustworthiness, 'of 1 (more is better)'),
    row('peak memory', peakMemory() / 1e6, 'MB (less is better)'),
  ];
}

/** Clouds that touch: products of 200 kinds. */
function clusteredEmbeddings(count: number, width: number): Float32Array {
  const random = randomStream(1, 'maps');
  const centres = Float32Array.from({ length: CLUSTERS * width }, () => random.normal());
  return Float32Array.from({ length: count * width }, (_, at) => {
    const cluster = Math.floor(at / width) % CLUSTERS;
    return centres[cluster * width + (at % width)] + 0.8 * random.normal();
  });
}
