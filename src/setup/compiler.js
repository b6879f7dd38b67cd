import { join } from 'node:path';
import { outputOf, run } from './command.js';
import { findPython } from './python.js';
import { SetupError } from './say.js';

/** Names to try for a C++ compiler: only $CXX if it is set. */
const names = () => (process.env.CXX ? [process.env.CXX] : ['g++', 'clang++', 'c++']);

/** Name of the first installed C++ compiler, or undefined. */
export function installedCompiler() {
  return names().find((each) => outputOf(each, ['--version']) !== undefined);
}

/**
 * Find a C++ compiler: $CXX, g++, clang++ or c++, or else download Zig's from PyPI into the cache. Returns [program, ...first arguments].
 */
export async function findCompiler(cache, tell) {
  const name = installedCompiler();
  if (name) return [name];
  const python = findPython();
  const zig = join(cache, 'ziglang-0.13.0');
  const command = [join(zig, 'ziglang/zig'), 'c++'];
  if (outputOf(command[0], ['version']) !== undefined) return command;
  tell('no C++ compiler found: downloading Zig from PyPI (80 MB)');
  try {
    await run(python, [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--no-deps',
      '--upgrade',
      '--target',
      zig,
      'ziglang==0.13.0',
    ]);
  } catch (error) {
    throw new SetupError(
      `No C++ compiler found (tried ${names().join(', ')}), and Zig could not be downloaded: ${error.message.slice(-200)}.`,
      'Install g++ (Debian: apt-get install g++), then start again.',
    );
  }
  return command;
}
