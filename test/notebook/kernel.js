/**
 * tslab's own kernel without Jupyter: its converter, executor and handler of requests, and its signal handler, as `tslab kernel` puts
 * them together. Plain JavaScript, since it runs in a process of its own.
 */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { createConverter } = require('tslab/dist/converter');
const { createExecutor } = require('tslab/dist/executor');
const { JupyterHandlerImpl } = require('tslab/dist/jupyter');

export function startKernel() {
  const converter = createConverter({ isJS: false, isBrowser: false });
  const executor = createExecutor(process.cwd(), { node: converter, close: () => converter.close() }, console);
  const handler = new JupyterHandlerImpl(executor, false);
  process.on('SIGINT', () => executor.interrupt());
  return {
    handler,
    /** What a cell prints and shows: `{ status, outputs }`. The outputs of a notebook, short. */
    async execute(code) {
      const outputs = [];
      const reply = await handler.handleExecute(
        { code },
        (name, text) => outputs.push({ stream: name, text }),
        (content, update) =>
          outputs.push({
            plain: content.data['text/plain'],
            html: content.data['text/html']?.length,
            id: content.transient.display_id,
            update: Boolean(update),
          }),
      );
      // For 200 ms after an error tslab takes what comes for cells that were waiting behind it, and drops them.
      if (reply.status === 'error') await new Promise((resolve) => setTimeout(resolve, 400));
      return { status: reply.status, outputs };
    },
  };
}
