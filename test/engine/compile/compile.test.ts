import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { compile } from '../../../src/engine/compile/compile.js';
import { record } from '../../../src/engine/compile/recording.js';
import { countLeaks } from '../../../src/engine/memory.js';
import { gatherRows, statelessUniform } from '../../../src/engine/native-ops.js';
import * as tf from '../../../src/engine/tf.js';

beforeAll(() => {
  process.env.MOON_CACHE = mkdtempSync(join(tmpdir(), 'moon-graphs-'));
});

const values = (tensor: tf.Tensor) => [...tensor.dataSync()];

describe('a compiled function', () => {
  test('gives what the function gives, for new numbers too, and leaves no tensor', async () => {
    const fn = ({ x, y }: Record<string, tf.Tensor>) => {
      const z = tf.add(tf.matMul(x as tf.Tensor2D, y as tf.Tensor2D), 1);
      const [a, b] = tf.split(tf.softmax(z), 2, 1);
      return { z, a, b, where: tf.where(tf.greater(z, 1), z, tf.zerosLike(z)), max: tf.argMax(z, 1) };
    };
    const fast = compile(fn, { name: 'several' });
    const { leaked } = await countLeaks(() => {
      for (let at = 0; at < 3; at++) {
        const inputs = {
          x: tf.randomNormal([4, 3], 0, 1, 'float32', at),
          y: tf.randomNormal([3, 6], 0, 1, 'float32', 9 + at),
        };
        const [expected, given] = [tf.tidy(() => fn(inputs)), fast(inputs, {})];
        for (const name of Object.keys(expected) as (keyof typeof expected)[]) {
          expect(given[name].shape).toEqual(expected[name].shape);
          expect(given[name].dtype).toBe(expected[name].dtype);
          values(given[name]).forEach((value, i) => {
            expect(value).toBeCloseTo(values(expected[name])[i], 5);
          });
        }
        tf.dispose([inputs, expected, given]);
      }
    });
    expect(leaked).toBe(0);
    expect(fast.report().shapes).toBe(1);
  });

  test('may return an input, a constant, one tensor twice', () => {
    const fast = compile(
      ({ x }: Record<string, tf.Tensor>) => {
        const y = tf.square(x);
        return { x, y, again: y, constant: tf.tensor1d([1, 2, 3]), ones: tf.ones([100]) };
      },
      { name: 'odd outputs' },
    );
    const x = tf.tensor1d([3, 4]);
    const { x: same, y, again, constant, ones } = fast({ x }, {});
    expect([same, y, again, constant].map(values)).toEqual([
      [3, 4],
      [9, 16],
      [9, 16],
      [1, 2, 3],
    ]);
    expect(tf.sum(ones).dataSync()[0]).toBe(100);
    tf.dispose([same, y, again, constant, ones]);
    expect(values(x)).toEqual([3, 4]);
  });

  test('two inputs that share their data stay two', () => {
    const fast = compile(({ a, b }: Record<string, tf.Tensor>) => ({ sum: tf.sub(a, b) }), { name: 'shared' });
    const a = tf.tensor1d([1, 2]);
    expect(values(fast({ a, b: tf.clone(a) }, {}).sum)).toEqual([0, 0]);
    expect(values(fast({ a, b: tf.tensor1d([5, 5]) }, {}).sum)).toEqual([-4, -3]);
  });

  test('a graph that was damaged on the disk is recorded again', () => {
    const fn = ({ x }: Record<string, tf.Tensor>) => ({ y: tf.sin(tf.square(x)) });
    const x = tf.tensor1d([1, 2, 3]);
    const once = () => {
      const fast = compile(fn, { name: 'damaged', captures: 'damaged' });
      return { y: values(fast({ x }, {}).y), seconds: fast.report().recordSeconds };
    };
    const first = once();
    expect(once()).toEqual({ ...first, seconds: 0 });
    const graphs = join(process.env.MOON_CACHE as string, 'graphs');
    for (const folder of readdirSync(graphs).filter((name) => name !== 'keys')) {
      const file = join(graphs, folder, 'saved_model.pb');
      const content = readFileSync(file);
      content[content.length >> 1] ^= 1;
      writeFileSync(file, content);
    }
    const again = once();
    expect(again.y).toEqual(first.y);
    expect(again.seconds).toBeGreaterThan(0);
    expect(once().seconds).toBe(0);
  });

  test('equal graphs whose results have other names are told apart, also when they come from the disk', () => {
    const doubled = ({ x }: Record<string, tf.Tensor>) => ({ doubled: tf.mul(x, 2.5) });
    const scaled = ({ x }: Record<string, tf.Tensor>) => ({ scaled: tf.mul(x, 2.5) });
    const x = tf.tensor1d([1, 2]);
    for (let process = 0; process < 2; process++) {
      const [first, second] = [doubled, scaled].map((fn) =>
        compile<null>(fn, { name: 'names', captures: {} })({ x }, null),
      );
      expect([values(first.doubled), values(second.scaled)]).toEqual([
        [2.5, 5],
        [2.5, 5],
      ]);
      tf.dispose([first, second]);
    }
    x.dispose();
  });

  test('has a graph for each combination of shapes and statics', () => {
    const fast = compile(
      ({ x }: Record<string, tf.Tensor>, { power }: { power: number }) => ({ y: tf.pow(x, power) }),
      { name: 'shapes' },
    );
    expect(values(fast({ x: tf.tensor1d([2]) }, { power: 2 }).y)).toEqual([4]);
    expect(values(fast({ x: tf.tensor1d([2]) }, { power: 3 }).y)).toEqual([8]);
    expect(values(fast({ x: tf.tensor1d([2, 3]) }, { power: 3 }).y)).toEqual([8, 27]);
    expect(fast.report().shapes).toBe(3);
  });

  test('may find large results by numbers that recording does not compute', () => {
    const table = tf.tensor2d([[1], [2]]);
    // Unwritten memory reads as -1 here, which is no row.
    const fn = ({ x, table }: Record<string, tf.Tensor>) => {
      const row = tf.sub(tf.cast(tf.exp(x), 'int32'), tf.scalar(1, 'int32'));
      return { picked: gatherRows(table as tf.Tensor2D, tf.slice(tf.reshape(row, [-1]) as tf.Tensor1D, 0, 4)) };
    };
    const inputs = { x: tf.zeros([512, 512]), table };
    expect(() => record('picked', inputs, fn)).toThrow('indices');
    const pick = compile(fn, { name: 'picked' });
    const { picked } = pick(inputs, null);
    expect(values(picked)).toEqual([1, 1, 1, 1]);
    const second = pick({ x: tf.fill([512, 512], 0.8), table }, null);
    expect(values(second.picked)).toEqual([2, 2, 2, 2]);
  });

  test('draws new random numbers for a new seed', () => {
    const fast = compile(({ seed }: Record<string, tf.Tensor>) => ({ x: statelessUniform([8], seed as tf.Tensor1D) }), {
      name: 'random',
    });
    const draw = (a: number) => values(fast({ seed: tf.tensor1d([a, 1], 'int32') }, {}).x);
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });
});

describe('refused', () => {
  const x = tf.tensor1d([1, 2]);

  test('a function that reads on the host', () => {
    const fn = (given: Record<string, tf.Tensor>) => ({ y: tf.mul(given.x, tf.square(given.x).dataSync()[0]) });
    expect(() => compile(fn, { name: 'host' })({ x }, {})).toThrow(
      'compile(host): the function reads a tensor on the host.',
    );
  });

  test('a tensor from outside', () => {
    const outside = tf.square(x);
    const fn = (given: Record<string, tf.Tensor>) => ({ y: tf.mul(given.x, outside) });
    expect(() => compile(fn, { name: 'outside' })({ x }, {})).toThrow('input 1 of Mul is a tensor from outside');
  });

  test('a result that is a tensor from outside', () => {
    const outside = tf.square(x);
    const fn = () => ({ y: outside.clone() });
    expect(() => compile(fn, { name: 'result' })({ x }, {})).toThrow(
      /compile\(result\): .* is a tensor from outside the function. Make it one of the inputs./,
    );
  });

  test('a function that takes another way the second time, with the operation', () => {
    let calls = 0;
    const fn = (given: Record<string, tf.Tensor>) => ({ y: ++calls % 2 ? tf.square(given.x) : tf.abs(given.x) });
    expect(() => compile(fn, { name: 'ways' })({ x }, {})).toThrow(
      /at operation 1: Square\(0:0\) the first time, Abs\(0:0\) the second/,
    );
  });

  test('a function that returns another tensor the second time', () => {
    let calls = 0;
    const fn = (given: Record<string, tf.Tensor>) => {
      const [square, abs] = [tf.square(given.x), tf.abs(given.x)];
      return { y: ++calls % 2 ? square : abs };
    };
    expect(() => compile(fn, { name: 'returns' })({ x }, {})).toThrow(/at the tensors that it returns/);
  });

  test('a function that did not do the same twice, with the first difference', () => {
    let calls = 0;
    const fn = (given: Record<string, tf.Tensor>) => ({ y: tf.mul(given.x, ++calls) });
    expect(() => compile(fn, { name: 'counting' })({ x }, {})).toThrow(
      /did not do the same twice, at operation 1: a constant \[\] 1 the first time, a constant \[\] 2 the second/,
    );
  });

  test('and leaves no tensor and the engine as it was', async () => {
    const { leaked } = await countLeaks(() => {
      const fn = (given: Record<string, tf.Tensor>) => ({ y: tf.mul(given.x, tf.square(given.x).dataSync()[0]) });
      expect(() => compile(fn, { name: 'host' })({ x }, {})).toThrow();
    });
    expect(leaked).toBe(0);
    expect(values(tf.square(x))).toEqual([1, 4]);
  });
});
