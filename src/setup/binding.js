import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './command.js';
import { findCompiler } from './compiler.js';
import { hashOf, linkOrCopy, partialFolder } from './files.js';
import { root, tfjs } from './paths.js';
import { platformOf } from './platform.js';
import { SetupError } from './say.js';

const quiet = join(root, 'src/setup/quiet.cc');
const headers = join(root, 'node_modules/node-api-headers/include');

/**
 * Compile tfjs's binding, whose sources are in its package, against the cached TensorFlow, and link it to where the package looks for it.
 */
export async function installBinding(cache, tensorflow, tell) {
  const sources = join(tfjs, 'binding');
  const built = join(tensorflow, `binding-${hashOf([sources, quiet])}`);
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
      await run(compiler[0], [
        ...compiler.slice(1),
        ...common,
        `-I${join(tensorflow, 'include')}`,
        ...files,
        '-o',
        join(partial, 'tfjs_binding.node'),
        ...libraries.map((file) => join(tensorflow, 'lib', file)),
        ...linkFlags,
      ]);
      const muted = [...common, quiet, '-o', join(partial, 'quiet.node'), ...linkFlags];
      await run(compiler[0], [...compiler.slice(1), ...muted]);
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
