import { existsSync } from 'node:fs';
import { UserError } from '../engine/check.js';
import type { DetectorNetwork } from './detector-network.js';
import { hashFiles } from './identity.js';

/**
 * An ONNX model in one file, run by the optional package onnxruntime-node.
 * @throws UserError when the file or the package is missing, or the first input is no image of floats or bytes
 */
export async function openOnnxNetwork(file: string): Promise<DetectorNetwork> {
  if (!existsSync(file)) throw new UserError(`${file}: no such file; give an ONNX detector.`);
  const onnx = await import('onnxruntime-node').catch(() => {
    throw new UserError(`${file}: needs the package onnxruntime-node; run npm install onnxruntime-node.`);
  });
  const session = await onnx.InferenceSession.create(file).catch((error: Error) => {
    throw new UserError(`${file}: cannot be read as ONNX (${error.message}); export or download it again.`);
  });
  const [input] = session.inputMetadata;
  if (!input?.isTensor || (input.type !== 'float32' && input.type !== 'uint8'))
    throw new UserError(
      `${file}: its first input is no image of float32 or uint8; export the detector with pixels as input.`,
    );
  const { name: inputName, type, shape: inputShape } = input;
  return {
    inputShape: sizes(inputShape),
    outputs: Object.fromEntries(
      session.outputMetadata.flatMap((output) => (output.isTensor ? [[output.name, sizes(output.shape)]] : [])),
    ),
    async run(pixels, shape, names) {
      const values = type === 'uint8' ? Uint8Array.from(pixels) : pixels;
      const outputs = await session.run({ [inputName]: new onnx.Tensor(type, values, shape) }, [...names]);
      const numbers = (name: string) => Array.from(outputs[name].data as ArrayLike<number | bigint>, Number);
      return Object.fromEntries(names.map((name) => [name, numbers(name)]));
    },
    weights: await hashFiles([file]),
    dispose: () => void session.release(),
  };
}

/** A size that the file only names is open. */
function sizes(shape: readonly (number | string)[]): number[] {
  return shape.map((size) => (typeof size === 'number' && size > 0 ? size : 0));
}
