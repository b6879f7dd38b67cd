import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const built = existsSync(`${root}/dist/index.js`);

/** Runs the cells given as JSON in tslab's own kernel classes, without Jupyter, and prints what each would send. */
const kernel = `
const { writeSync } = require('node:fs');
const { createConverter } = require('tslab/dist/converter');
const { createExecutor } = require('tslab/dist/executor');
const { JupyterHandlerImpl } = require('tslab/dist/jupyter');
const converter = createConverter({ isJS: false, isBrowser: false });
const handler = new JupyterHandlerImpl(createExecutor(process.cwd(), { node: converter, close: () => converter.close() }, console), false);
(async () => {
  const sent = [];
  for (const code of JSON.parse(process.argv[1])) {
    const outputs = [];
    const reply = await handler.handleExecute(
      { code },
      (name, text) => outputs.push({ stream: name, text }),
      (content, update) => outputs.push({ data: content.data, id: content.transient.display_id, update: Boolean(update) }),
    );
    sent.push({ status: reply.status, outputs });
  }
  writeSync(3, JSON.stringify(sent.map(({ status, outputs }) => ({
    status,
    outputs: outputs.map(({ data, ...rest }) => ({ ...rest, plain: data?.['text/plain'], html: data?.['text/html']?.length })),
  }))));
  handler.close();
  process.exit(0);
})();`;

interface Output {
  stream?: string;
  text?: string;
  plain?: string;
  html?: number;
  id?: string;
  update?: boolean;
}

function runCells(cells: string[]): { status: string; outputs: Output[] }[] {
  const command = [process.execPath, '-e', kernel, JSON.stringify(cells)];
  const shell = '"$@" 3>&1 >&2'; // the answer on a pipe of its own: tslab takes over standard output
  const written = execFileSync('sh', ['-c', shell, 'sh', ...command], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(written.toString());
}

describe.skipIf(!built)(
  built ? 'cells of the tslab kernel' : 'cells of the tslab kernel (skipped: dist is not built)',
  () => {
    it('show figures, tables and progress, and print nothing else', () => {
      const [imports, figure, bar] = runCells([
        `import { lossCurve, progressBar, retrievalTable, show } from 'moon-lab';`,
        `show(retrievalTable([{ name: 'MOON', n: 3, chance: 0.1, metrics: {} }]));
       show(lossCurve([{ name: 'run', steps: [0, 1], values: [2, 1] }]))`,
        `const bar = progressBar();
       for (const done of [1, 2]) bar.show({ label: 'train', done, total: 2 });
       bar.end()`,
      ]);
      expect(imports).toEqual({ status: 'ok', outputs: [] });
      expect(figure.status).toBe('ok');
      expect(figure.outputs.map(({ plain }) => plain?.split('\n')[0])).toEqual([
        'Retrieval',
        '',
        'Training loss - n = 2 measured steps',
      ]);
      expect(figure.outputs[1].html).toBeGreaterThan(1_000_000); // plotly, once
      expect(figure.outputs[2].html).toBeLessThan(100_000);
      expect(bar.outputs.map(({ update }) => update)).toEqual([false, true]);
      expect(bar.outputs[1].plain).toContain('2/2');
    });
  },
);
