import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { UserError, wrongOption } from '../checks/error.js';
import { readSettings, settings } from './settings.js';
import { flagDefaults } from './tensorflow-flags.js';

const require = createRequire(import.meta.url);

/** The parts of tfjs's binding that describe what was loaded. */
interface Binding {
  TF_Version: string;
  isUsingGpuDevice(): boolean;
}

const folder = () => dirname(require.resolve('@tensorflow/tfjs-node-gpu/package.json'));
const file = (name: string) => join(folder(), 'lib/napi-v8', name);
const bindingFile = () => file('tfjs_binding.node');

/** Whether the native binding is installed. */
export function nativeIsInstalled(): boolean {
  try {
    return existsSync(bindingFile());
  } catch {
    return false;
  }
}

let loaded: Binding | undefined;

/** The native binding; undefined before the engine has started. */
export function nativeBinding(): Binding | undefined {
  return loaded;
}

/** tfjs-node calls helpers of Node's `util` that Node 22 deprecates and Node 23 removed. */
function restoreUtilHelpers(): void {
  const util = require('node:util') as Record<string, unknown>;
  util.isNullOrUndefined = (value: unknown) => value === null || value === undefined;
  util.isArray = Array.isArray;
}

/** The native binding, loaded at the first call. The number of threads is read then. */
export function loadBinding(): Binding {
  loaded ??= readBinding();
  return loaded;
}

function readBinding(): Binding {
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '3';
  process.env.TF_NUM_INTRAOP_THREADS = String(settings.threads);
  for (const [name, value] of Object.entries(flagDefaults)) process.env[name] ??= value;
  if (settings.backend === 'native-cpu') process.env.CUDA_VISIBLE_DEVICES = '-1';
  restoreUtilHelpers();
  const quietFile = file('quiet.node');
  const quiet = existsSync(quietFile) ? (require(quietFile) as { mute(): void; unmute(): void }) : undefined;
  quiet?.mute();
  try {
    const binding = require(bindingFile()) as Binding;
    loadKernels(binding);
    return binding;
  } finally {
    quiet?.unmute();
  }
}

let kernels = false;

/** Whether own kernels compute what `fused-ops.ts` lists. They are of the CPU. */
export const hasKernels = (): boolean => kernels;

/** @throws UserError for another value of the environment variable `MOON_KERNELS` than on or off */
function wantsKernels(): boolean {
  const { MOON_KERNELS: chosen = 'on' } = process.env;
  if (chosen !== 'on' && chosen !== 'off') throw wrongOption('MOON_KERNELS', chosen, 'on | off');
  return chosen === 'on';
}

/** An engine of tfjs's own installer has none. */
function loadKernels(binding: Binding): void {
  if (!wantsKernels() || binding.isUsingGpuDevice() || !existsSync(file('kernels.node'))) return;
  require(file('kernels.node'));
  kernels = true;
}

/** @throws UserError for a wrong setting of the environment, and for an engine that does not start with the first operation */
function checkStart(): void {
  const { backend } = readSettings();
  wantsKernels();
  if (!nativeIsInstalled() || (backend && !backend.startsWith('native')))
    throw new UserError(
      `The ${backend ?? 'fallback'} engine does not start by itself. Call await startEngine() before the first tensor is made.`,
    );
}

const NAME = 'tensorflow';

/** An error while a backend starts is lost in tfjs, which says that none could be initialized; so it is thrown before. */
const engine = tf.engine() as unknown as { initializeBackend(name: string): unknown };
const initialize = engine.initializeBackend.bind(engine);
engine.initializeBackend = (name) => {
  if (name === NAME) checkStart();
  return initialize(name);
};

/** The first operation starts the engine, so that importing moon-lab is fast and threads can be set before. */
tf.registerBackend(
  NAME,
  () => {
    settings.started = true;
    const binding = loadBinding();
    require('@tensorflow/tfjs-node-gpu/dist/register_all_kernels');
    const { NodeJSKernelBackend } = require('@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend') as {
      NodeJSKernelBackend: new (binding: Binding, packageName: string) => tf.KernelBackend;
    };
    return new NodeJSKernelBackend(binding, '@tensorflow/tfjs-node-gpu');
  },
  10,
);
