import { describe, expect, test } from 'vitest';
import { randomStream, resumeStream } from '../../src/engine/random.js';

const take = (count: number, draw: () => number) => Array.from({ length: count }, draw);

describe('randomStream', () => {
  test('repeats itself, and differs by seed, name and child', () => {
    const first = take(5, randomStream(1, 'init').uniform);
    expect(take(5, randomStream(1, 'init').uniform)).toEqual(first);
    expect(take(5, randomStream(2, 'init').uniform)).not.toEqual(first);
    expect(take(5, randomStream(1, 'crop').uniform)).not.toEqual(first);
    expect(take(5, randomStream(1, 'init').child('a').uniform)).not.toEqual(first);
  });

  test('a child does not advance its parent', () => {
    const [a, b] = [randomStream(1, 'x'), randomStream(1, 'x')];
    a.child('y').uniform();
    expect(a.uniform()).toBe(b.uniform());
  });

  test('goes on exactly where a saved state stood', () => {
    const stream = randomStream(3, 'shuffle');
    take(7, stream.normal);
    const state = JSON.parse(JSON.stringify(stream.state()));
    expect(take(9, resumeStream(3, 'shuffle', state).normal)).toEqual(take(9, stream.normal));
  });

  test('has the moments of its distributions', () => {
    const { normal, uniform, integer } = randomStream(4, 'moments');
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const normals = take(20_000, normal);
    expect(Math.abs(mean(normals))).toBeLessThan(0.03);
    expect(Math.abs(mean(normals.map((value) => value ** 2)) - 1)).toBeLessThan(0.05);
    expect(Math.abs(mean(take(20_000, uniform)) - 0.5)).toBeLessThan(0.01);
    const counts = [0, 0, 0];
    for (const value of take(30_000, () => integer(3))) counts[value]++;
    for (const count of counts) expect(Math.abs(count / 30_000 - 1 / 3)).toBeLessThan(0.015);
  });

  test('shuffles are permutations, each place as likely', () => {
    const stream = randomStream(5, 'shuffle');
    const first = [0, 0, 0, 0];
    for (let at = 0; at < 8000; at++) {
      const shuffled = stream.shuffle([0, 1, 2, 3]);
      expect([...shuffled].sort()).toEqual([0, 1, 2, 3]);
      first[shuffled[0]]++;
    }
    for (const count of first) expect(Math.abs(count / 8000 - 0.25)).toBeLessThan(0.03);
  });
});
