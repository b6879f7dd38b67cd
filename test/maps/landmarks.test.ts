import { expect, it } from 'vitest';
import { countLeaks } from '../../src/engine/memory.js';
import { randomStream } from '../../src/engine/random.js';
import { mapQuality } from '../../src/maps/map-quality.js';
import { layoutMap } from '../../src/maps/umap.js';
import { unitRows } from '../../src/search/nearest.js';
import { pickVectors } from '../../src/search/pick-vectors.js';

const width = 8;

/** Clouds that touch. */
function cloudsOf(count: number): Float32Array {
  const random = randomStream(1, 'landmarks');
  const centres = Float32Array.from({ length: 6 * width }, () => random.normal());
  return Float32Array.from({ length: count * width }, (_, at) => {
    const cloud = Math.floor(at / width) % 6;
    return centres[cloud * width + (at % width)] + 0.4 * random.normal();
  });
}

function cosineDistance(a: Float32Array, b: Float32Array): number {
  const dot = (one: Float32Array, other: Float32Array) => one.reduce((sum, value, at) => sum + value * other[at], 0);
  return 1 - dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

/** Strengths of the nearest landmarks by their definition: from 1 at the nearest on, with a sum of log2 of their number and one. */
function slowStrengths(distances: number[]): number[] {
  const beyond = distances.map((distance) => distance - distances[0]);
  const sum = (sigma: number) => beyond.reduce((all, one) => all + Math.exp(-one / sigma), 0);
  let [low, high] = [1e-9, 100];
  for (let step = 0; step < 200; step++) {
    const middle = (low + high) / 2;
    if (sum(middle) > Math.log2(distances.length + 1)) high = middle;
    else low = middle;
  }
  return beyond.map((one) => Math.exp(-one / low));
}

it('landmarks lie as on a map of their own, and each other point at the weighted mean of its nearest landmarks', async () => {
  const [count, neighbours] = [150, 8];
  const embeddings = cloudsOf(count);
  const shape = { neighbours, epochs: 60, seed: 2, cache: null };
  const { result: map, leaked } = await countLeaks(() =>
    layoutMap(embeddings, count, width, { ...shape, landmarks: 60 }),
  );
  expect(leaked).toBe(0);
  const landmarks = [...map.landmarks!];
  expect(landmarks).toEqual([...new Set(landmarks)].sort((a, b) => a - b));
  expect(landmarks.length).toBe(60);
  const own = await layoutMap(pickVectors(embeddings, width, landmarks), 60, width, shape);
  const at = (row: number) => embeddings.subarray(row * width, (row + 1) * width);
  for (let row = 0; row < count; row++) {
    const place = [...map.coordinates.subarray(2 * row, 2 * row + 2)];
    const landmark = landmarks.indexOf(row);
    if (landmark >= 0) expect(place).toEqual([...own.coordinates.subarray(2 * landmark, 2 * landmark + 2)]);
    else {
      const near = landmarks
        .map((other, number) => ({ number, distance: cosineDistance(at(row), at(other)) }))
        .sort((a, b) => a.distance - b.distance)
        .slice(0, neighbours - 1);
      const strengths = slowStrengths(near.map(({ distance }) => distance));
      const total = strengths.reduce((sum, one) => sum + one, 0);
      for (const axis of [0, 1]) {
        const mean = near.reduce((sum, { number }, i) => sum + strengths[i] * own.coordinates[2 * number + axis], 0);
        expect(Math.abs(place[axis] - mean / total)).toBeLessThan(1e-3);
      }
    }
  }
});

it('a map by half of its points is nearly as true as a map by all, and its scores are those of all points', async () => {
  const count = 400;
  const embeddings = cloudsOf(count);
  const options = { epochs: 200, seed: 1, cache: null };
  const whole = await layoutMap(embeddings, count, width, options);
  const some = await layoutMap(embeddings, count, width, { ...options, landmarks: count / 2 });
  expect([whole.landmarks, whole.count, some.count]).toEqual([undefined, count, count]);
  expect(some.checked).toBe(count);
  const unit = unitRows(embeddings, count, width);
  expect(await mapQuality(unit, some.coordinates, 14, 1)).toEqual({
    trustworthiness: some.trustworthiness,
    overlap: some.overlap,
    checked: count,
  });
  const random = randomStream(1, 'chance');
  const chance = await mapQuality(unit, Float32Array.from({ length: 2 * count }, random.uniform), 14, 1);
  unit.dispose();
  expect(chance.trustworthiness).toBeLessThan(0.6);
  expect(some.trustworthiness).toBeGreaterThan(whole.trustworthiness - 0.05);
});

it('more than 50,000 points are placed by 20,000 landmarks unless told otherwise', async () => {
  const count = 50_001;
  const { coordinates, landmarks } = await layoutMap(cloudsOf(count), count, width, { epochs: 1, cache: null });
  expect(landmarks?.length).toBe(20_000);
  expect(coordinates.length).toBe(2 * count);
  expect(coordinates.every(Number.isFinite)).toBe(true);
});

it('refuses numbers of landmarks that make no map', async () => {
  const embeddings = cloudsOf(30);
  await expect(layoutMap(embeddings, 30, width, { landmarks: 31 })).rejects.toThrow(
    /landmarks: got 31, expected an integer from 4 to 30/,
  );
  await expect(layoutMap(embeddings, 30, width, { landmarks: 10, neighbours: 10 })).rejects.toThrow(
    /neighbours: got 10, expected an integer from 2 to 9, below the number of landmarks/,
  );
});
