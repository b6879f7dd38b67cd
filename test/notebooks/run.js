/**
 * Runs one notebook's cells in this process with tslab's own kernel and writes one JSON line a cell on file 3:
 * `{ cell, status, outputs, seconds }`. Ends with 1 after the first cell that fails. Started by notebooks.test.ts with the notebook's
 * folder as working directory.
 */
import { readFileSync, writeSync } from 'node:fs';
import { startKernel } from '../notebook/kernel.js';

const { handler, execute } = startKernel();
const notebook = JSON.parse(readFileSync(process.argv[2], 'utf8'));
let failed = false;
for (const [at, cell] of notebook.cells.filter((each) => each.cell_type === 'code').entries()) {
  const started = performance.now();
  const { status, outputs } = await execute([cell.source].flat().join(''));
  writeSync(3, `${JSON.stringify({ cell: at + 1, status, outputs, seconds: (performance.now() - started) / 1000 })}\n`);
  failed = status !== 'ok';
  if (failed) break;
}
handler.close();
process.exit(failed ? 1 : 0);
