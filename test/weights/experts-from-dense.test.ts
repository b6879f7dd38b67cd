import { afterAll, describe, expect, it } from 'vitest';
import { countLeaks } from '../../src/engine/memory.js';
import { randomStream } from '../../src/engine/random.js';
import * as tf from '../../src/engine/tf.js';
import { expertsFromDense, type NewLayer } from '../../src/weights/experts-from-dense.js';

const [hidden, width] = [40, 20];
const numbers = (shape: number[], name: string) => {
  const stream = randomStream(3, name);
  return tf.tensor(Float32Array.from({ length: shape[0] * shape[1] }, stream.normal), shape);
};
const mlp = (block: number, part: string) => `model.layers.${block}.mlp.${part}_proj.weight`;
const dense = Object.fromEntries([
  ['model.norm.weight', tf.ones([width])],
  ...[0, 1, 12].flatMap((block) => [
    [mlp(block, 'gate'), numbers([hidden, width], `gate ${block}`)],
    [mlp(block, 'up'), numbers([hidden, width], `up ${block}`)],
    [mlp(block, 'down'), numbers([width, hidden], `down ${block}`)],
  ]),
]) as Record<string, tf.Tensor>;
afterAll(() => {
  tf.dispose(dense);
});

const group = (name: string, count: number) => ({ gateUp: `${name}.gate_up`, down: `${name}.down`, count });
const layer = (block: number): NewLayer => ({
  block,
  groups: [group(`${block}.many`, 5), group(`${block}.one`, 1)],
  gate: `${block}.gate`,
});
const plain = (weight: tf.Tensor) => weight.arraySync() as number[][];

describe('expertsFromDense', () => {
  it('copies the dense layer of each block to every expert, and leaves what it was given as it is', () => {
    const before = Object.fromEntries(Object.entries(dense).map(([name, weight]) => [name, weight.arraySync()]));
    const made = expertsFromDense(dense, [layer(12), layer(0)], randomStream(1, 'experts'));
    for (const block of [0, 12])
      for (const [name, count] of [
        ['many', 5],
        ['one', 1],
      ] as const) {
        const gateUp = [...plain(dense[mlp(block, 'gate')]), ...plain(dense[mlp(block, 'up')])];
        expect(made[`${block}.${name}.gate_up`].arraySync()).toEqual(Array(count).fill(gateUp));
        expect(made[`${block}.${name}.down`].arraySync()).toEqual(Array(count).fill(plain(dense[mlp(block, 'down')])));
      }
    const untouched = ['model.norm.weight', ...['gate', 'up', 'down'].map((part) => mlp(1, part))];
    for (const name of untouched) expect(made[name]).toBe(dense[name]);
    const added = [0, 12].flatMap((block) =>
      ['many.gate_up', 'many.down', 'one.gate_up', 'one.down', 'gate'].map((name) => `${block}.${name}`),
    );
    expect(Object.keys(made).sort()).toEqual([...untouched, ...added].sort());
    for (const [name, weight] of Object.entries(dense)) expect(weight.arraySync(), name).toEqual(before[name]);
    tf.dispose(added.map((name) => made[name]));
  });

  it('gives each block a small gate of its own, the same for the same stream', () => {
    const gates = (seed: number, blocks: number[]) =>
      tf.tidy(() => {
        const made = expertsFromDense(dense, blocks.map(layer), randomStream(seed, 'experts'));
        return blocks.map((block) => [...made[`${block}.gate`].dataSync()]);
      });
    const [first, second] = gates(1, [0, 1]);
    expect(gates(1, [1, 0])).toEqual([second, first]);
    expect(second).not.toEqual(first);
    expect(gates(2, [0])[0]).not.toEqual(first);
    expect(first.length).toBe(5 * width);
    const spread = Math.sqrt(first.reduce((sum, value) => sum + value ** 2, 0) / first.length);
    expect(spread).toBeGreaterThan(0.015);
    expect(spread).toBeLessThan(0.025);
  });

  it('without layers gives the weights themselves', () => {
    expect(expertsFromDense(dense, [], randomStream(1, 'experts'))).toEqual(dense);
  });

  it('refuses a block without a dense layer, and makes nothing', async () => {
    const { leaked } = await countLeaks(() => {
      expect(() => expertsFromDense(dense, [layer(0), layer(2)], randomStream(1, 'experts'))).toThrow(
        'experts.blocks: block 2 has no dense layer to copy. Leave it out.',
      );
    });
    expect(leaked).toBe(0);
  });

  it('leaves new tensors alone behind', async () => {
    const { leaked } = await countLeaks(() => {
      const made = expertsFromDense(dense, [layer(1)], randomStream(1, 'experts'));
      const added = Object.values(made).filter((weight) => !Object.values(dense).includes(weight));
      expect(added.length).toBe(5);
      tf.dispose(added);
    });
    expect(leaked).toBe(0);
  });
});
