import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './command.js';
import { writeWhole } from './files.js';
import { labEnvironment, labPython } from './lab.js';
import { root } from './paths.js';
import { SetupError, step } from './say.js';

/** Size that a notebook in the repository may have with its outputs, in bytes. */
const most = 1_000_000;

/**
 * Execute notebooks, all or those whose names begin so, with nbconvert on the project's kernel; name the cell and its error where one
 * fails. `save` writes the outputs into the notebooks that run.
 */
export async function checkNotebooks({ names = [], save = false } = {}) {
  const folder = join(root, 'notebooks');
  const chosen = readdirSync(folder)
    .filter((file) => file.endsWith('.ipynb'))
    .filter((file) => !names.length || names.some((name) => file.startsWith(name)))
    .sort();
  if (!chosen.length)
    throw new SetupError(`No notebook's name begins with ${names.join(' or ')}.`, 'Give such as 01 or 02-data.');
  const { cellErrors, savedNotebook } = await import('../../dist/notebook/saved-outputs.js');
  const out = mkdtempSync(join(tmpdir(), 'moon-notebooks-'));
  let failed = 0;
  for (const name of chosen)
    await step('notebook', async (tell) => {
      tell(name);
      await execute(join(folder, name), out);
      const executed = JSON.parse(readFileSync(join(out, name), 'utf8'));
      const problems = cellErrors(executed);
      if (problems.length) {
        failed++;
        return `${name} FAILED\n${problems.map((problem) => `    ${problem}`).join('\n')}`;
      }
      if (!save) return `${name} runs`;
      const text = `${JSON.stringify(await savedNotebook(executed), null, 1)}\n`;
      if (text.length > most)
        throw new SetupError(`${name} would have ${text.length} bytes with its outputs.`, 'Show less in it.');
      writeWhole(join(folder, name), text);
      return `${name} runs, saved with its outputs: ${Math.ceil(text.length / 1000)} KB`;
    });
  rmSync(out, { recursive: true, force: true });
  return failed ? 1 : 0;
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
