import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeWhole } from './files.js';
import { root, state } from './paths.js';

/** Jupyter looks for kernels below this folder when JUPYTER_PATH names it. */
export const jupyterPath = join(state, 'jupyter');

const file = join(jupyterPath, 'kernels/tslab/kernel.json');

const spec = () =>
  `${JSON.stringify(
    {
      argv: [
        process.execPath,
        join(root, 'node_modules/tslab/bin/tslab'),
        'kernel',
        '--config-path',
        '{connection_file}',
      ],
      display_name: 'TypeScript (moon-lab)',
      language: 'typescript',
    },
    null,
    2,
  )}\n`;

export function kernelReady() {
  return existsSync(file) && readFileSync(file, 'utf8') === spec();
}

/** The tslab kernel spec inside the project: nothing is registered in the user's Jupyter. */
export async function writeKernel() {
  writeWhole(file, spec());
}
