import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { UserError } from '../checks/error.js';
import { settings } from './settings.js';

/** An ONNX network with one image input, run by the optional package onnxruntime-node. */
export interface OnnxNetwork {
  input: { name: string; type: 'float32' | 'uint8'; shape: readonly number[] };
  /** Shapes of the outputs by name; 0 for a dynamic size. */
  outputs: Readonly<Record<string, readonly number[]>>;
  /** Run the network on one array of the input's type and return the outputs in `names`. */
  run(
    values: Float32Array | Uint8Array,
    shape: readonly number[],
    names: readonly string[],
  ): Promise<Record<string, Tensor>>;
  dispose(): void;
}

/**
 * Open an `*.onnx` file.
 * @param what kind of network for messages, such as `an ONNX detector`
 * @throws UserError when the file or the package is missing, or the first input is not float32 or uint8
 */
export async function openOnnx(file: string, what: string): Promise<OnnxNetwork> {
  if (!existsSync(file)) throw new UserError(`${file}: no such file; give ${what}.`);
  const onnx = loadRuntime(file);
  const options: InferenceSession.SessionOptions = { intraOpNumThreads: settings.threads };
  const session = await onnx.InferenceSession.create(file, options).catch((error: Error) => {
    throw new UserError(`${file}: cannot be read as ONNX (${error.message}); export or download it again.`);
  });
  const [input] = session.inputMetadata;
  if (!input?.isTensor || (input.type !== 'float32' && input.type !== 'uint8'))
    throw new UserError(
      `${file}: its first input is not an image of float32 or uint8; export ${what} that takes pixels.`,
    );
  const { name, type } = input;
  return {
    input: { name, type, shape: sizes(input.shape) },
    outputs: Object.fromEntries(
      session.outputMetadata.flatMap((output) => (output.isTensor ? [[output.name, sizes(output.shape)]] : [])),
    ),
    run: (values, shape, names) => session.run({ [name]: new onnx.Tensor(type, values, shape) }, [...names]),
    dispose: () => void session.release(),
  };
}

function sizes(shape: readonly (number | string)[]): number[] {
  return shape.map((size) => (typeof size === 'number' && size > 0 ? size : 0));
}

/** onnxruntime-node, loaded only when the first network is opened. @param file the network, for the message @throws UserError without the package */
export function loadRuntime(file: string): typeof import('onnxruntime-node') {
  try {
    return createRequire(import.meta.url)('onnxruntime-node');
  } catch {
    throw new UserError(`${file}: needs the package onnxruntime-node; run npm install onnxruntime-node.`);
  }
}
