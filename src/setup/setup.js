import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, buildReady } from './build.js';
import { engineReady, setUpEngine } from './engine.js';
import { isRunning } from './files.js';
import { kernelReady, writeKernel } from './kernel.js';
import { installLab, labReady } from './lab-environment.js';
import { installPackages, packagesReady } from './packages.js';
import { state } from './paths.js';
import { SetupError, step } from './say.js';

/** Every step reports whether it is done; an interrupted step starts again. */
const steps = [
  { name: 'packages', ready: packagesReady, run: installPackages },
  { name: 'engine', ready: engineReady, run: setUpEngine },
  { name: 'build', ready: buildReady, run: build },
  { name: 'kernel', ready: kernelReady, run: writeKernel },
];
const labStep = { name: 'lab', ready: labReady, run: installLab };

export const allSteps = [...steps, labStep];

/** Set up the clone. If everything is done already, this takes less than a second. */
export async function setUp({ lab = false } = {}) {
  await ready(lab ? allSteps : steps);
}

async function ready(wanted) {
  if (wanted.every((each) => each.ready())) return;
  const unlock = await lock();
  try {
    const todo = wanted.filter((each) => !each.ready());
    if (todo.length) process.stderr.write(`moon-lab setup: ${todo.map((each) => each.name).join(', ')}\n`);
    // Check again at each step's turn: new packages overwrite the engine inside node_modules.
    for (const each of wanted) if (!each.ready()) await step(each.name, each.run);
  } finally {
    unlock();
  }
}

/** Lock the clone, so that one setup runs at a time. A lock of a process that no longer runs is ignored. */
async function lock() {
  const file = join(state, 'setup.lock');
  mkdirSync(state, { recursive: true });
  for (let waited = 0; ; waited++) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if (error.code !== 'EEXIST')
        throw new SetupError(
          `The project folder cannot be written (${error.code}).`,
          'Make it writable, then start again.',
        );
      const owner = readOwner(file);
      if (!owner || owner === process.pid || !isRunning(owner)) rmSync(file, { force: true });
      else {
        if (waited === 0)
          process.stderr.write('moon-lab setup: another setup is running in this clone, waiting for it\n');
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    }
  }
}

function readOwner(file) {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return 0;
  }
}
