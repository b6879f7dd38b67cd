import { cpus } from 'node:os';
import { UserError } from '../checks/error.js';
import { loadBinding, nativeBinding, nativeIsInstalled } from './native.js';
import { type Backend, readSettings, settings } from './settings.js';
import * as tf from './tf.js';
import { registerWasmKernels } from './wasm-kernels.js';

/** Description of the running engine, for manifests and reports. */
export interface EngineDescription {
  backend: Backend;
  /** TensorFlow version of the native engine; null for other engines. */
  tensorflow: string | null;
  device: string;
  threads: number;
}

/**
 * Start the chosen engine (`configureEngine`, `MOON_ENGINE`), or the fastest that is installed, and describe it. Calling it twice does
 * nothing. The native engine also starts with the first operation; WebGPU and WASM need this call.
 * @throws UserError when the chosen engine is not available, with the remedy
 * @example
 * ```ts
 * const { backend, threads } = await moon.startEngine();
 * ```
 */
export async function startEngine(): Promise<EngineDescription> {
  if (!settings.started) {
    const wanted = readSettings().backend ?? (nativeIsInstalled() ? undefined : 'wasm');
    if (wanted === 'webgpu') await useWebgpu();
    else if (wanted === 'wasm') await useWasm();
    else if (wanted === 'cpu') await useJavascript();
    else await useNative(wanted);
    settings.started = true;
  }
  return describeEngine();
}

/** Describe the running engine. Starts the native one if none is running. */
export function describeEngine(): EngineDescription {
  tf.backend();
  const name = tf.getBackend();
  const binding = nativeBinding();
  if (name === 'tensorflow' && binding) {
    const gpu = binding.isUsingGpuDevice();
    return {
      backend: gpu ? 'native-gpu' : 'native-cpu',
      tensorflow: binding.TF_Version,
      device: gpu ? 'NVIDIA GPU' : (cpus()[0]?.model.trim() ?? 'CPU'),
      threads: settings.threads,
    };
  }
  const backend = name as Backend;
  return { backend, tensorflow: null, device: cpus()[0]?.model.trim() ?? 'CPU', threads: settings.threads };
}

/** A description in one line: `native-cpu, TensorFlow 2.21.0, 2 threads`. */
export function engineText({ backend, tensorflow, threads }: EngineDescription): string {
  return [backend, ...(tensorflow ? [`TensorFlow ${tensorflow}`] : []), `${threads} threads`].join(', ');
}

async function useNative(wanted: Backend | undefined): Promise<void> {
  if (!nativeIsInstalled())
    throw new UserError(`engine.backend: '${wanted}' is not installed here. Run npx moon-lab setup.`);
  // tfjs hides the error of a backend that does not start.
  try {
    loadBinding();
  } catch (error) {
    if (error instanceof UserError) throw error;
    const [reason] = (error as Error).message.split('\n');
    throw new UserError(`engine: the native engine cannot be loaded (${reason}). Run npx moon-lab setup.`);
  }
  await tf.setBackend('tensorflow');
  if (wanted === 'native-gpu' && !nativeBinding()?.isUsingGpuDevice())
    throw new UserError(
      "engine.backend: 'native-gpu' finds no GPU. Use native-cpu, or run setup again on a machine where nvidia-smi works.",
    );
}

async function useWasm(): Promise<void> {
  slow('WebAssembly', 'about 100 times');
  await loadGradients();
  await import('@tensorflow/tfjs-backend-wasm');
  registerWasmKernels();
  await tf.setBackend('wasm');
}

async function useJavascript(): Promise<void> {
  slow('plain JavaScript', 'about 1,000 times');
  await loadGradients();
  // tfjs advertises another engine otherwise.
  tf.enableProdMode();
  await tf.setBackend('cpu');
}

/** The native engine's package includes the gradients; the other backends do not. This import also registers the backend `cpu`. */
async function loadGradients(): Promise<void> {
  await import('@tensorflow/tfjs');
}

/** WebGPU by Dawn, through the optional packages `webgpu` and `@tensorflow/tfjs-backend-webgpu`. */
async function useWebgpu(): Promise<void> {
  const names = ['webgpu', '@tensorflow/tfjs-backend-webgpu'];
  try {
    const dawn = (await import(names[0])) as { create(flags: string[]): unknown; globals: object };
    Object.assign(globalThis, dawn.globals);
    Object.defineProperty(globalThis, 'navigator', { value: { gpu: dawn.create([]) }, configurable: true });
    await loadGradients();
    await import(names[1]);
  } catch (error) {
    throw new UserError(
      `engine.backend: 'webgpu' cannot be loaded (${(error as Error).message.split('\n')[0]}). Run npm install --ignore-scripts ${names.join(' ')}@4.22.0 and check that a Vulkan, Metal or D3D12 driver is installed.`,
    );
  }
  if (!(await tf.setBackend('webgpu')))
    throw new UserError("engine.backend: 'webgpu' finds no adapter. Use native-cpu.");
}

function slow(what: string, factor: string): void {
  process.stderr.write(
    `moon-lab: running on ${what}, ${factor} slower than the native engine. npx moon-lab doctor shows how to fix it.\n`,
  );
}
