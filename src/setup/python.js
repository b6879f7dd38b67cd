import { answer } from './command.js';
import { SetupError } from './say.js';

/** A Python 3 with pip, needed to fetch from PyPI; `MOON_PYTHON` names one. Its own version does not matter. */
export function findPython() {
  const candidates = process.env.MOON_PYTHON ? [process.env.MOON_PYTHON] : ['python3', 'python'];
  const found = candidates.filter(
    (name) => answer(name, ['-c', 'import sys; assert sys.version_info >= (3, 8)']) !== undefined,
  );
  if (!found.length)
    throw new SetupError(
      `No Python 3.8 or newer answers to ${candidates.join(' or ')}.`,
      'Install Python 3 with pip (Debian: apt-get install python3 python3-pip), or name one with MOON_PYTHON.',
    );
  const python = found.find((name) => answer(name, ['-m', 'pip', '--version']) !== undefined);
  if (!python)
    throw new SetupError(
      `${found[0]} has no pip.`,
      'Install it (Debian: apt-get install python3-pip; elsewhere: python3 -m ensurepip), then start again.',
    );
  return python;
}
