import { randomStream } from '../../src/engine/random.js';

/** [count, width], points around a bent line. */
export function bentLine(count: number, width: number): Float32Array {
  const random = randomStream(3, 'line');
  return Float32Array.from({ length: count * width }, (_, at) => {
    const along = Math.floor(at / width) / count;
    return Math.cos(3 * along + (at % width)) + 0.05 * random.normal();
  });
}
