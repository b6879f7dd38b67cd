import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { checkNotebooks } from './check-notebooks.js';
import { labEnvironment, labPython } from './lab-environment.js';
import { root } from './paths.js';

/**
 * Run `npm run lab`: open JupyterLab on notebooks/. With --check, execute all notebooks or the named ones instead; --save then stores their
 * outputs. Returns the exit code.
 */
export async function lab(args) {
  if (args.includes('--check')) {
    const names = args.filter((arg) => !arg.startsWith('-'));
    return checkNotebooks({ names, save: args.includes('--save') });
  }
  const rootFlags = process.getuid?.() === 0 ? ['--allow-root'] : [];
  const child = spawn(
    labPython,
    ['-m', 'jupyterlab', '--notebook-dir', join(root, 'notebooks'), ...rootFlags, ...args],
    {
      stdio: 'inherit',
      env: labEnvironment,
    },
  );
  return new Promise((resolve) => child.on('close', (code) => resolve(code ?? 1)));
}
