import { compile } from './compile/compile.js';
import { inHalf } from './half-products.js';
import type { EngineOption } from './option.js';
import * as tf from './tf.js';

/** Rows and columns of the product that is measured: of the size of a small network's layers. */
const SIDE = 512;
const RUNS = 9;
/** A processor that has no such instructions is slower with them, and one that has is at least this much faster. */
const WORTH_IT = 1.2;

let faster: boolean | undefined;

/**
 * The precision of a step, with `auto` settled: bfloat16 where a product with its conversions is faster in it than in float32 on this machine now. It is
 * measured once in a process, in some milliseconds; a run keeps what was chosen at its start.
 */
export function settledPrecision({ compile, precision = 'float32' }: EngineOption): 'float32' | 'bfloat16' {
  if (precision !== 'auto') return precision;
  if (!compile || (tf.backend() && tf.getBackend() !== 'tensorflow')) return 'float32';
  faster ??= timeOf('float32') > WORTH_IT * timeOf('bfloat16');
  return faster ? 'bfloat16' : 'float32';
}

/** Milliseconds of a product, the shortest of some. */
function timeOf(precision: 'float32' | 'bfloat16'): number {
  const x = tf.ones([SIDE, SIDE]);
  const product = compile(({ x }) => ({ y: inHalf(() => tf.matMul(x as tf.Tensor2D, x as tf.Tensor2D)) }), {
    name: 'measured precision',
    captures: SIDE,
    precision,
  });
  const times = Array.from({ length: RUNS }, () => {
    const started = performance.now();
    const { y } = product({ x }, null);
    y.dataSync();
    y.dispose();
    return performance.now() - started;
  });
  x.dispose();
  return Math.min(...times);
}
