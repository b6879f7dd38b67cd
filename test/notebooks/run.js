/**
 * Runs one notebook's cells in this process with tslab's own compiler and executor, as its kernel does, and prints one JSON line a
 * cell: `{ cell, ok, output, seconds }`. Started by notebooks.test.ts with the notebook's folder as working directory.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { format } from 'node:util';

const require = createRequire(import.meta.url);
const { createConverter } = require('tslab/dist/converter');
const { createExecutor } = require('tslab/dist/executor');

const notebook = JSON.parse(readFileSync(process.argv[2], 'utf8'));
let output = '';
const keep = (...parts) => {
  output += `${format(...parts)}\n`;
};
const node = createConverter({ isJS: false, isBrowser: false });
const executor = createExecutor(process.cwd(), { node, close: () => node.close() }, { log: keep, error: keep });
for (const [at, cell] of notebook.cells.filter((each) => each.cell_type === 'code').entries()) {
  output = '';
  const started = performance.now();
  const ok = await executor.execute([cell.source].flat().join(''));
  process.stdout.write(`@@${JSON.stringify({ cell: at + 1, ok, output: output.slice(-2000), seconds: (performance.now() - started) / 1000 })}\n`);
  if (!ok) break;
}
executor.close();
process.exit(0);
