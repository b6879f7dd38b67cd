import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { run } from './command.js';
import { writeAtomic } from './files.js';
import { labEnvironment, labPython } from './lab-environment.js';
import { root } from './paths.js';
import { SetupError, step } from './say.js';

/** Largest size of a notebook with its outputs, in bytes. */
const maxBytes = 1_000_000;

/**
 * Execute all notebooks, or those whose names start with one of `names`, with nbconvert on the project's kernel. Prints the failing cells
 * and their errors. `save` writes the outputs into the notebooks that ran without errors. Returns the exit code.
 */
export async function checkNotebooks({ names = [], save = false, folder = join(root, 'notebooks') } = {}) {
  const chosen = readdirSync(folder)
    .filter((file) => file.endsWith('.ipynb'))
    .filter((file) => !names.length || names.some((name) => file.startsWith(name)))
    .sort();
  if (!chosen.length)
    throw new SetupError(`No notebook's name begins with ${names.join(' or ')}.`, 'Give a name such as 01 or 02-data.');
  const out = mkdtempSync(join(tmpdir(), 'moon-notebooks-'));
  const failures = [];
  try {
    for (const name of chosen)
      await step('notebook', async (tell) => {
        tell(name);
        const { problems, outcome } = await check(join(folder, name), out, save);
        failures.push(...problems.map((problem) => `${name}, ${problem}`));
        return `${name} ${problems.length ? 'FAILED' : outcome}`;
      });
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
  for (const failure of failures) process.stderr.write(`${failure}\n`);
  return failures.length ? 1 : 0;
}

/** Execute one notebook and return its problems, one line each. A failing cell does not stop the cells after it. */
async function check(file, out, save) {
  const { cellErrors, savedNotebook } = await import('../../dist/notebook/saved-outputs.js');
  try {
    await execute(file, out);
    const executed = JSON.parse(readFileSync(join(out, basename(file)), 'utf8'));
    const problems = cellErrors(executed);
    if (problems.length || !save) return { problems, outcome: 'runs' };
    const text = `${JSON.stringify(await savedNotebook(executed), null, 1)}\n`;
    if (text.length > maxBytes) return { problems: [`${text.length} bytes with its outputs: show less in it.`] };
    writeAtomic(file, text);
    return { problems, outcome: `runs, saved with its outputs: ${Math.ceil(text.length / 1000)} KB` };
  } catch (error) {
    return { problems: [error.message] };
  }
}

function execute(file, out) {
  return run(
    labPython,
    [
      '-m',
      'nbconvert',
      '--to',
      'notebook',
      '--execute',
      '--allow-errors',
      '--ExecutePreprocessor.kernel_name=tslab',
      '--ExecutePreprocessor.timeout=1800',
      '--output-dir',
      out,
      file,
    ],
    { env: labEnvironment, cwd: join(root, 'notebooks') },
  );
}
