import { join } from 'node:path';
import { loraModule } from '../backbones/layers/adapted-linear.js';
import { UserError } from '../checks/error.js';
import { readHeader, readTensor } from '../store/safetensors.js';
import type { CheckpointSource } from './checkpoint-source.js';
import { readLoraConfig } from './lora-config.js';
import { ADAPTER, PEFT_PREFIX } from './lora-file.js';

/**
 * A checkpoint with a LoRA adapter of PEFT's format merged into it as its tensors are read: W + alpha / rank * B A.
 * @throws UserError for an adapter of another network, or with settings that are not applied
 */
export function adaptedCheckpoint(base: CheckpointSource, folder: string): CheckpointSource {
  const { rank, alpha } = readLoraConfig(join(folder, ADAPTER.config), base.canonical);
  const source = readHeader(join(folder, ADAPTER.weights));
  const parts = new Map<string, { down?: string; up?: string }>();
  for (const key of source.tensors.keys()) {
    const found = loraModule(key.replace(PEFT_PREFIX, ''));
    const module = found && base.canonical(found.module);
    const name = module && [`${module}.weight`, module].find((each) => base.tensors.has(each));
    if (!name)
      throw new UserError(
        `${source.file}: ${key} adapts nothing in ${base.folder}. Take the network that the adapter was trained on.`,
      );
    parts.set(name, { ...parts.get(name), [found!.part]: key });
  }
  for (const { down, up } of parts.values())
    if (!down || !up)
      throw new UserError(
        `${source.file}: has ${down ?? up} and not the other matrix of its pair. Save the adapter again.`,
      );
  return {
    ...base,
    openParts: undefined,
    read(name) {
      const values = base.read(name);
      const { down, up } = parts.get(name) ?? {};
      if (!down || !up) return values;
      const [A, B] = [down, up].map((key) => readTensor(source, key) as Float32Array);
      addProduct(values, B, A, rank, alpha / rank);
      return values;
    },
  };
}

/** Add scale * B A to W in place. W [.., out, in], B [.., out, rank], A [.., rank, in]: as many products as A has matrices. */
function addProduct(W: Float32Array, B: Float32Array, A: Float32Array, rank: number, scale: number): void {
  const copies = Math.round((A.length * B.length) / (rank * rank * W.length)) || 1;
  const width = A.length / copies / rank;
  const rows = B.length / rank;
  const sums = new Float64Array(width);
  for (let row = 0; row < rows; row++) {
    const first = Math.floor(row / (rows / copies)) * rank;
    sums.fill(0);
    for (let r = 0; r < rank; r++) {
      const factor = B[row * rank + r] * scale;
      const start = (first + r) * width;
      for (let at = 0; at < width; at++) sums[at] += factor * A[start + at];
    }
    for (let at = 0; at < width; at++) W[row * width + at] += sums[at];
  }
}
