import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './command.js';
import { labEnvironment, labPython } from './lab.js';
import { root } from './paths.js';
import { step } from './say.js';

/** Execute every notebook with nbconvert on the project's kernel; names the cell and its error where one fails. */
export async function checkNotebooks() {
  const folder = join(root, 'notebooks');
  const out = mkdtempSync(join(tmpdir(), 'moon-notebooks-'));
  let failed = 0;
  for (const name of readdirSync(folder)
    .filter((file) => file.endsWith('.ipynb'))
    .sort()) {
    await step('notebook', async (tell) => {
      tell(name);
      await run(
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
          join(folder, name),
        ],
        { env: labEnvironment, cwd: folder },
      );
      const problems = cellErrors(JSON.parse(readFileSync(join(out, name), 'utf8')));
      failed += problems.length > 0 ? 1 : 0;
      return problems.length ? `${name} FAILED\n${problems.join('\n')}` : `${name} runs`;
    });
  }
  rmSync(out, { recursive: true, force: true });
  return failed ? 1 : 0;
}

/** tslab reports a cell's error as text on stderr, not as an error output: both count. */
function cellErrors(notebook) {
  return notebook.cells.flatMap((cell, index) =>
    (cell.outputs ?? [])
      .filter(
        (output) =>
          output.output_type === 'error' ||
          (output.name === 'stderr' && /error|exception/i.test([output.text].flat().join(''))),
      )
      .map((output) => `    cell ${index + 1}: ${[output.text ?? output.evalue].flat().join('').slice(0, 600)}`),
  );
}
