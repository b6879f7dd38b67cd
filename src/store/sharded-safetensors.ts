import { join } from 'node:path';
import { writeFileAtomic } from './atomic.js';
import { bytesOfTensor, type TensorToWrite, writeSafetensors } from './safetensors.js';

/**
 * Write tensors as `model.safetensors`, or as shards with an index where they are larger than one file may be (Hugging Face's layout).
 * @param shardBytes the largest file
 */
export function writeSharded(folder: string, tensors: readonly TensorToWrite[], shardBytes = 5e9): void {
  const shards = splitIntoShards(tensors, shardBytes);
  const map: Record<string, string> = {};
  const number = (value: number) => String(value).padStart(5, '0');
  for (const [at, shard] of shards.entries()) {
    const file =
      shards.length === 1 ? 'model.safetensors' : `model-${number(at + 1)}-of-${number(shards.length)}.safetensors`;
    for (const { name } of shard) map[name] = file;
    writeSafetensors(join(folder, file), shard);
  }
  if (shards.length === 1) return;
  const total = tensors.reduce((sum, tensor) => sum + bytesOfTensor(tensor), 0);
  const index = { metadata: { total_size: total }, weight_map: map };
  writeFileAtomic(join(folder, 'model.safetensors.index.json'), `${JSON.stringify(index, null, 2)}\n`);
}

function splitIntoShards(tensors: readonly TensorToWrite[], shardBytes: number): TensorToWrite[][] {
  const shards: TensorToWrite[][] = [[]];
  let bytes = 0;
  for (const tensor of tensors) {
    const more = bytesOfTensor(tensor);
    if (bytes + more > shardBytes && bytes > 0) {
      shards.push([]);
      bytes = 0;
    }
    shards[shards.length - 1].push(tensor);
    bytes += more;
  }
  return shards;
}
