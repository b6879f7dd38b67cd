import { outputOf } from './command.js';
import { SetupError } from './say.js';

/**
 * Find a Python 3 with pip, which downloads from PyPI; `MOON_PYTHON` sets it. Its version does not have to match TensorFlow's.
 * @throws SetupError when there is none
 */
export function findPython() {
  const candidates = process.env.MOON_PYTHON ? [process.env.MOON_PYTHON] : ['python3', 'python'];
  const found = candidates.filter(
    (name) => outputOf(name, ['-c', 'import sys; assert sys.version_info >= (3, 8)']) !== undefined,
  );
  if (!found.length)
    throw new SetupError(
      `No Python 3.8 or newer found (tried ${candidates.join(', ')}).`,
      'Install Python 3 with pip (Debian: apt-get install python3 python3-pip), or set MOON_PYTHON to its path.',
    );
  const python = found.find((name) => outputOf(name, ['-m', 'pip', '--version']) !== undefined);
  if (!python)
    throw new SetupError(
      `${found[0]} has no pip.`,
      'Install it (Debian: apt-get install python3-pip; elsewhere: python3 -m ensurepip), then start again.',
    );
  return python;
}
