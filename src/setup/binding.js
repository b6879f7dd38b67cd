import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './command.js';
import { findCompiler } from './compiler.js';
import { hashOf, linkOrCopy, partialFolder } from './files.js';
import { root, tfjs } from './paths.js';
import { platformOf } from './platform.js';
import { SetupError } from './say.js';

const quiet = join(root, 'src/setup/quiet.cc');
const kernels = join(root, 'src/setup/kernels.cc');
/** Vector instructions, also for sums and functions; NaN and infinity stay what they are. */
const fast = ['-O3', '-fopenmp-simd', '-fno-math-errno', '-fno-trapping-math'];
/** Changes when what is compiled does. */
export const sourcesHash = () => hashOf([join(tfjs, 'binding'), quiet, kernels]);

const headers = join(root, 'node_modules/node-api-headers/include');

/**
 * Compile tfjs's binding, whose sources are in its package, and own kernels against the cached TensorFlow, and link them to where the package
 * looks for its binding.
 */
export async function installBinding(cache, tensorflow, tell) {
  const sources = join(tfjs, 'binding');
  const built = join(tensorflow, `binding-${sourcesHash()}`);
  if (!existsSync(built)) {
    const compiler = await findCompiler(cache, tell);
    tell(`compiling the binding with ${compiler.includes('c++') && compiler.length > 1 ? 'Zig' : compiler[0]}`);
    const partial = partialFolder(built);
    try {
      const common = ['-std=c++17', '-O2', '-fPIC', '-shared', '-DNAPI_VERSION=8', `-I${headers}`];
      const files = readdirSync(sources)
        .filter((file) => file.endsWith('.cc'))
        .map((file) => join(sources, file));
      const { libraries, linkFlags } = platformOf();
      const compile = (name, ...given) =>
        run(compiler[0], [...compiler.slice(1), ...common, ...given, '-o', join(partial, name), ...linkFlags]);
      const include = `-I${join(tensorflow, 'include')}`;
      const linked = libraries.map((file) => join(tensorflow, 'lib', file));
      await compile('tfjs_binding.node', include, ...files, ...linked);
      await compile('kernels.node', ...fast, include, kernels, ...linked);
      await compile('quiet.node', quiet);
      rmSync(built, { recursive: true, force: true });
      renameSync(partial, built);
    } catch (error) {
      throw new SetupError(
        `The engine's binding did not compile: ${error.message.slice(-400)}.`,
        'Install g++ 9 or newer (Debian: apt-get install g++), or name a compiler with CXX, then start again.',
      );
    } finally {
      rmSync(partial, { recursive: true, force: true });
    }
  }
  for (const file of readdirSync(join(tensorflow, 'lib')))
    linkOrCopy(join(tensorflow, 'lib', file), join(tfjs, 'deps/lib', file));
  for (const file of readdirSync(built)) linkOrCopy(join(built, file), join(tfjs, 'lib/napi-v8', file));
  if (existsSync(join(tensorflow, 'nvidia')))
    await run('ln', ['-sfn', join(tensorflow, 'nvidia'), join(tfjs, 'deps/nvidia')]);
}
