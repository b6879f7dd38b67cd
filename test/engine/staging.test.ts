import { expect, test } from 'vitest';
import { stagedTensor } from '../../src/engine/staging.js';

test('memory is taken again when its tensor is disposed, never before, and grows', () => {
  const given: ArrayBufferLike[] = [];
  const staged = (length: number, value: number) =>
    stagedTensor([length], (values) => {
      given.push(values.buffer);
      expect(values.length).toBe(length);
      values.fill(value);
    });
  const first = staged(8, 1);
  const second = staged(8, 2);
  expect(given[1]).not.toBe(given[0]);
  expect([...first.dataSync(), ...second.dataSync()]).toEqual([...Array(8).fill(1), ...Array(8).fill(2)]);
  first.dispose();
  const third = staged(4, 3);
  expect(given[2]).toBe(given[0]);
  expect([...third.dataSync()]).toEqual(Array(4).fill(3));
  expect([...second.dataSync()]).toEqual(Array(8).fill(2));
  third.dispose();
  second.dispose();
  const large = staged(16, 4);
  large.dispose();
  staged(16, 5).dispose();
  expect(given.slice(0, 2)).not.toContain(given[3]);
  expect(given[4]).toBe(given[3]);
});
