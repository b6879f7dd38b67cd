import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Whether the module is built: the kernel imports it by name. */
export const built = existsSync(`${root}/dist/index.js`);

/** The heading of a group of tests that need the built module: says why they are skipped. */
export function inKernel(what: string): string {
  return built ? what : `${what} (skipped: dist is not built)`;
}

/** tslab's own kernel classes and its signal handler, without Jupyter: answers the requests given as JSON, on file 3. */
const kernel = `
const { writeSync } = require('node:fs');
const { createConverter } = require('tslab/dist/converter');
const { createExecutor } = require('tslab/dist/executor');
const { JupyterHandlerImpl } = require('tslab/dist/jupyter');
const converter = createConverter({ isJS: false, isBrowser: false });
const executor = createExecutor(process.cwd(), { node: converter, close: () => converter.close() }, console);
const handler = new JupyterHandlerImpl(executor, false);
process.on('SIGINT', () => executor.interrupt());
async function answer({ execute, inspect, complete }) {
  if (inspect !== undefined) return handler.handleInspect({ code: inspect.replace('|', ''), cursor_pos: inspect.indexOf('|') });
  if (complete !== undefined) return handler.handleComplete({ code: complete.replace('|', ''), cursor_pos: complete.indexOf('|') });
  const outputs = [];
  const reply = await handler.handleExecute(
    { code: execute },
    (name, text) => outputs.push({ stream: name, text }),
    (content, update) => outputs.push({
      plain: content.data['text/plain'], html: content.data['text/html']?.length, id: content.transient.display_id, update: Boolean(update),
    }),
  );
  // For 200 ms after an error tslab takes what comes for cells that were waiting behind it, and drops them.
  if (reply.status === 'error') await new Promise((resolve) => setTimeout(resolve, 400));
  return { status: reply.status, outputs };
}
(async () => {
  const answers = [];
  for (const request of JSON.parse(process.argv[1])) answers.push(await answer(request));
  writeSync(3, JSON.stringify(answers));
  handler.close();
  process.exit(0);
})();`;

/** In `inspect` and `complete` a bar stands for the cursor. */
export type KernelRequest = { execute: string } | { inspect: string } | { complete: string };

export interface KernelAnswer {
  /** Of a cell. */
  status: 'ok' | 'error';
  outputs: { stream?: string; text?: string; plain?: string; html?: number; id?: string; update?: boolean }[];
  /** Of a hover. */
  data: Record<string, string>;
  /** Of a completion. */
  matches: string[];
}

/** The answers of one fresh kernel, in order. */
export function askKernel(requests: KernelRequest[]): KernelAnswer[] {
  const command = [process.execPath, '-e', kernel, JSON.stringify(requests)];
  const shell = '"$@" 3>&1 >&2'; // the answer on a pipe of its own: tslab takes over standard output
  const written = execFileSync('sh', ['-c', shell, 'sh', ...command], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 1 << 28,
  });
  return JSON.parse(written.toString());
}

/** What cells print and show. */
export function runCells(cells: string[]): KernelAnswer[] {
  return askKernel(cells.map((execute) => ({ execute })));
}

/** What a cell printed on one of its streams. */
export function printed({ outputs }: KernelAnswer, stream: 'stdout' | 'stderr'): string {
  return outputs.flatMap((output) => (output.stream === stream ? [output.text ?? ''] : [])).join('');
}
