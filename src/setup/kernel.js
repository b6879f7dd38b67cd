import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomic } from './files.js';
import { root, state } from './paths.js';

/** Jupyter searches this folder for kernels if JUPYTER_PATH contains it. */
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

/** Write the kernel spec of tslab inside the project. Nothing is registered in the user's Jupyter. */
export async function writeKernel() {
  writeAtomic(file, spec());
}
