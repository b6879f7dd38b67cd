import { openOnnx } from '../engine/onnx.js';
import { hashFiles } from '../store/content-hash.js';
import type { DetectorNetwork } from './detector-network.js';

/**
 * Open an ONNX model, run by the optional package onnxruntime-node.
 * @throws UserError as `openOnnx`
 */
export async function openOnnxNetwork(file: string): Promise<DetectorNetwork> {
  const { input, outputs, run, dispose } = await openOnnx(file, 'an ONNX detector');
  return {
    inputShape: input.shape,
    outputs,
    async run(pixels, shape, names) {
      const tensors = await run(input.type === 'uint8' ? Uint8Array.from(pixels) : pixels, shape, names);
      const numbers = (name: string) => Array.from(tensors[name].data as ArrayLike<number | bigint>, Number);
      return Object.fromEntries(names.map((name) => [name, numbers(name)]));
    },
    weights: await hashFiles([file]),
    dispose,
  };
}
