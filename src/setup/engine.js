import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { installBinding, sourcesHash } from './binding.js';
import { run } from './command.js';
import { clearStamp, readStamp, requireDisk, writeStamp } from './files.js';
import { cacheFolder, tfjs } from './paths.js';
import { platformOf } from './platform.js';
import { SetupError, warn } from './say.js';
import { fetchTensorflow, isComplete, tensorflowBuild, version } from './tensorflow.js';

const native = join(tfjs, 'lib/napi-v8/tfjs_binding.node');
const kernels = join(tfjs, 'lib/napi-v8/kernels.node');
const OWN_INSTALLER = 'own installer';

export function engineReady() {
  const platform = platformOf();
  const stamp = readStamp('engine');
  if (!platform || stamp?.tensorflow !== version) return false;
  const libraries = platform.libraries.map((file) => join(tfjs, 'deps/lib', file));
  const isOurs = stamp.wheel !== OWN_INSTALLER;
  if (isOurs && stamp.sources !== sourcesHash()) return false;
  const own = isOurs ? [kernels] : [];
  return [native, ...own, ...libraries].every((file) => existsSync(file));
}

/**
 * Install TensorFlow from PyPI with tfjs's binding. If that fails, use the package's own installer, and as a last resort WebAssembly with a
 * warning.
 */
export async function setUpEngine(tell) {
  clearStamp('engine');
  try {
    const kind = tensorflowBuild();
    const cache = cacheFolder();
    if (!isComplete(join(cache, kind.folder))) requireDisk(tfjs, 0.9, 'The engine');
    await installBinding(cache, await fetchTensorflow(cache, kind, tell), tell);
    tell('running a self-test');
    await selfTest();
    writeStamp('engine', { tensorflow: version, wheel: kind.wheel, gpu: kind.gpu, sources: sourcesHash() });
    return `TensorFlow ${version} (${kind.gpu ? 'CUDA' : 'CPU'}), native`;
  } catch (error) {
    if (process.env.MOON_DEBUG) console.error(error);
    return await fallBack(error, tell);
  }
}

/** Self-test: load the binding in a separate process and compute something. An installation is trusted only if this succeeds. */
async function selfTest() {
  const script = `
    const { NodeJSKernelBackend } = require('${tfjs}/dist/nodejs_kernel_backend');
    const tf = require('@tensorflow/tfjs-core');
    require('${tfjs}/dist/register_all_kernels');
    tf.registerBackend('tensorflow', () => new NodeJSKernelBackend(require('${native}'), 'moon-lab'));
    if (require('fs').existsSync('${kernels}')) require('${kernels}');
    const eye = tf.eye(3);
    if (tf.sum(tf.matMul(eye, eye)).dataSync()[0] !== 3) process.exit(1);`;
  await run(process.execPath, ['--no-deprecation', '-e', shim + script], { cwd: tfjs }).catch((error) => {
    throw new SetupError(
      `The compiled engine does not load: ${error.message.slice(-300)}.`,
      'Delete the download cache (or set MOON_CACHE to an empty folder) and start again.',
    );
  });
}

/** tfjs-node calls helpers that Node 23 removed. src/engine/native.ts does the same for moon-lab. */
const shim = "const u = require('util'); u.isNullOrUndefined = (x) => x == null; u.isArray = Array.isArray;";

async function fallBack(error, tell) {
  const reason = error instanceof SetupError ? error.message : String(error.message ?? error);
  const before = readStamp('fallback');
  if (before?.installer !== 'failed' || before.node !== process.version) {
    tell("trying the package's own installer");
    try {
      await run(process.execPath, ['scripts/install.js', 'gpu', 'download'], { cwd: tfjs, timeout: 120_000 });
      await selfTest();
      writeStamp('engine', { tensorflow: version, wheel: OWN_INSTALLER });
      warn(`${reason} The package's own, older TensorFlow is used instead.`);
      return "the package's own TensorFlow";
    } catch {
      writeStamp('fallback', { installer: 'failed', node: process.version, reason });
    }
  }
  warn(
    `${reason}\n  ! Falling back to WebAssembly: about 100 times slower, so only for trying things out and not for training.`,
  );
  return 'WebAssembly only (slow)';
}
