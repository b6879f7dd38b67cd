import { assert } from '../../checks/error.js';
import type { Encoder } from '../../encoder/encoder.js';
import * as tf from '../../engine/tf.js';
import { mergeTensor } from '../../weights/merge/merge.js';
import type { FilledMerge, MergedTensors } from '../../weights/merge/option.js';
import { isLanguageMatrix } from '../../weights/merge/tensor-place.js';

/**
 * A copy of the base with the merged weights of networks that were tuned from it. Dispose its parameters when done.
 * @param tensors which ones are merged; the others are the base's
 */
export function mergedCopy(
  base: Encoder,
  models: readonly Encoder[],
  { option, tensors }: { option: FilledMerge; tensors: MergedTensors },
): Encoder {
  const { names, shapes, sizes } = base.layout;
  assert(
    models.every(({ layout }) => layout.names.join() === names.join()),
    'networks of one study that were tuned from its base have its weights',
  );
  const read = ({ parameters }: Encoder) => parameters.dataSync<'float32'>();
  const [own, others] = [read(base), models.map(read)];
  const merged = own.slice();
  let start = 0;
  for (const [at, name] of names.entries()) {
    const part = (of: Float32Array) => of.slice(start, start + sizes[at]);
    if (tensors === 'all' || isLanguageMatrix(name, shapes[at]))
      merged.set(mergeTensor(name, { shape: shapes[at], base: part(own), models: others.map(part) }, option), start);
    start += sizes[at];
  }
  return { ...base, parameters: tf.tensor1d(merged) };
}
