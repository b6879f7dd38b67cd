import { UserError } from '../../checks/error.js';
import { randomStream } from '../../engine/random.js';
import { dare } from './dare.js';
import { iso } from './iso.js';
import { mergeLinear } from './linear.js';
import type { Deltas, TensorOfModels } from './merge-tensor.js';
import type { FilledMerge } from './option.js';
import { optMerge } from './optmerge.js';
import { randomDirection } from './random-direction.js';
import { slerp } from './slerp.js';
import { taskArithmetic } from './task-arithmetic.js';
import { addScaled, subtract, weightsOf } from './task-vector.js';
import { ties } from './ties.js';
import { tsv } from './tsv.js';
import { aswudi, swudi, wudi } from './wudi.js';

/**
 * Merge one tensor of several models. Pure.
 * @param name of the tensor: what DARE drops depends on its seed and on this name alone
 * @throws UserError for a method of matrices and another tensor, or a missing base
 */
export function mergeTensor(name: string, { shape, base, models }: TensorOfModels, option: FilledMerge): Float32Array {
  if (option.kind === 'linear') return mergeLinear(models, option);
  if (!base)
    throw new UserError(`merge: ${option.kind} needs a base. Name the network that the models were tuned from.`);
  if (option.kind === 'slerp') return slerp(base, models[0], option.t);
  const deltas = models.map((model) => subtract(model.slice(), base));
  return addScaled(base, mergeDeltas(name, { shape, deltas }, option), option.lambda);
}

/** Methods that take matrices alone. */
const ofMatrices: readonly FilledMerge['kind'][] = ['iso', 'tsv', 'wudi', 'swudi', 'aswudi', 'optmerge'];

type TaskVectorOption = Exclude<FilledMerge, { kind: 'linear' | 'slerp' }>;

/**
 * Merge the task vectors of one tensor into one, before it is multiplied by lambda. Methods of matrices take the matrices of experts one by one.
 * @throws UserError as `mergeTensor`
 */
export function mergeDeltas(name: string, { shape, deltas }: Deltas, option: TaskVectorOption): Float32Array {
  if (!ofMatrices.includes(option.kind) || shape.length === 2) return merged(name, { shape, deltas }, option);
  if (shape.length < 2)
    throw new UserError(`merge: ${option.kind} merges matrices, and ${name} has the shape [${shape}].`);
  const matrix = shape.slice(-2);
  const size = matrix[0] * matrix[1];
  const result = new Float32Array(deltas[0].length);
  for (let start = 0; start < result.length; start += size) {
    const parts = deltas.map((delta) => delta.subarray(start, start + size));
    result.set(merged(name, { shape: matrix, deltas: parts }, option), start);
  }
  return result;
}

function merged(name: string, tensor: Deltas, option: TaskVectorOption): Float32Array {
  switch (option.kind) {
    case 'task-arithmetic':
      return taskArithmetic(tensor, option);
    case 'ties':
      return ties(tensor, option);
    case 'dare':
      return dare(tensor, option, randomStream(option.seed, `dare/${name}`));
    case 'iso':
      return iso(tensor, option);
    case 'tsv':
      return tsv(tensor, option);
    case 'wudi':
      return wudi(tensor, option);
    case 'swudi':
      return swudi(tensor, option);
    case 'aswudi':
      return aswudi(tensor, option);
    case 'optmerge':
      return optMerge(tensor, option);
    case 'random':
      return randomDirection(
        tensor,
        weightsOf(option, tensor.deltas.length),
        randomStream(option.seed, `direction/${name}`),
      );
  }
}
