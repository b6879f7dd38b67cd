import { join } from 'node:path';
import { answer, run } from './command.js';
import { findPython } from './python.js';
import { SetupError } from './say.js';

/** Names that a C++ compiler may have here: $CXX alone where it is set. */
const names = () => (process.env.CXX ? [process.env.CXX] : ['g++', 'clang++', 'c++']);

/** The first C++ compiler that answers, or undefined. */
export function installedCompiler() {
  return names().find((each) => answer(each, ['--version']) !== undefined);
}

/** A C++ compiler: $CXX, g++, clang++ or c++; else Zig's, fetched from PyPI into the cache. Returns [program, ...first arguments]. */
export async function findCompiler(cache, tell) {
  const name = installedCompiler();
  if (name) return [name];
  const python = findPython();
  const zig = join(cache, 'ziglang-0.13.0');
  const command = [join(zig, 'ziglang/zig'), 'c++'];
  if (answer(command[0], ['version']) !== undefined) return command;
  tell('no C++ compiler here: fetching Zig from PyPI (80 MB)');
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
      `No C++ compiler answers to ${names().join(', ')}, and Zig could not be fetched: ${error.message.slice(-200)}.`,
      'Install g++ (Debian: apt-get install g++), then start again.',
    );
  }
  return command;
}
