import { createHash } from 'node:crypto';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';

/** A seeded stream of random numbers whose state can be saved and restored. The same seed and name give the same numbers. */
export interface RandomStream {
  /** Uniform in [0, 1). */
  uniform(): number;
  /** Uniform integer in [0, count). */
  integer(count: number): number;
  /** Standard normal by Box-Muller. Each number uses two uniform ones and keeps none, so that the state stays four integers. */
  normal(): number;
  /** A shuffled copy (Fisher-Yates). */
  shuffle<T>(items: readonly T[]): T[];
  /** A random item of a non-empty list. */
  pick<T>(items: readonly T[]): T;
  /** An independent stream, named by this stream's name and `name`. Does not advance this stream. */
  child(name: string): RandomStream;
  /** The state as four integers. `resumeStream` continues from it. */
  state(): number[];
}

/**
 * A random stream for one purpose (`init`, `shuffle`, `crop`, `negatives` ...) and one seed. Use it instead of Math.random.
 * @example
 * ```ts
 * const stream = moon.randomStream(1, 'my experiment');
 * const [first, ...others] = stream.shuffle(['a', 'b', 'c']);
 * const noise = stream.child('noise').normal();
 * ```
 */
export function randomStream(seed: number, name: string): RandomStream {
  return startStream(`${seed}/${name}`);
}

/** Restore a stream from its seed, its name and its `state()`. */
export function resumeStream(seed: number, name: string, state: readonly number[]): RandomStream {
  return wrap(`${seed}/${name}`, state);
}

function startStream(path: string): RandomStream {
  const digest = createHash('sha256').update(path).digest();
  return wrap(
    path,
    [0, 4, 8, 12].map((at) => digest.readInt32LE(at)),
  );
}

function wrap(path: string, state: readonly number[]): RandomStream {
  const generator = xoroshiro128plusFromState(state);
  const uniform = () => uniformFloat64(generator);
  const integer = (count: number) => uniformInt(generator, 0, count - 1);
  return {
    uniform,
    integer,
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    shuffle: (items) => {
      const out = [...items];
      for (let i = out.length - 1; i > 0; i--) {
        const j = integer(i + 1);
        [out[i], out[j]] = [out[j], out[i]];
      }
      return out;
    },
    pick: (items) => items[integer(items.length)],
    child: (name) => startStream(`${path}/${name}`),
    state: () => [...generator.getState()],
  };
}
