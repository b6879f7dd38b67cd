import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './command.js';
import { clearStamp, readStamp, writeStamp } from './files.js';
import { jupyterPath } from './kernel.js';
import { state } from './paths.js';
import { findPython } from './python.js';
import { SetupError } from './say.js';

const venv = join(state, 'lab');
const packages = ['jupyterlab==4.4.5', 'nbconvert==7.16.6'];

export const labPython = join(venv, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');

export function labReady() {
  return readStamp('lab') === packages.join(' ') && existsSync(labPython);
}

/** Install JupyterLab in a private Python environment of the project. */
export async function installLab(tell) {
  clearStamp('lab');
  const python = findPython();
  tell('creating a Python environment');
  rmSync(venv, { recursive: true, force: true });
  try {
    await run(python, ['-m', 'venv', venv]);
    tell(`pip install ${packages.join(' ')}`);
    await run(labPython, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages]);
  } catch (error) {
    throw new SetupError(
      `JupyterLab could not be installed: ${error.message.slice(-300)}.`,
      "Check the network and that Python's venv module is installed (Debian: apt-get install python3-venv), then start again.",
    );
  }
  writeStamp('lab', packages.join(' '));
}

/** Environment variables with which Jupyter finds the project's kernel and stores its own files inside the project. */
export const labEnvironment = {
  ...process.env,
  JUPYTER_PATH: jupyterPath,
  JUPYTER_CONFIG_DIR: join(state, 'jupyter/config'),
  JUPYTER_DATA_DIR: join(state, 'jupyter/data'),
  JUPYTER_RUNTIME_DIR: join(state, 'jupyter/runtime'),
  IPYTHONDIR: join(state, 'jupyter/ipython'),
};
