/** A cell's process that runs the sources, through vite as the tests do. */
import { createServer, createServerModuleRunner } from 'vite';

const root = new URL('../..', import.meta.url).pathname;
const early = [];
const keep = (message) => early.push(message);
process.on('message', keep);
const server = await createServer({
  configFile: false,
  root,
  logLevel: 'error',
  appType: 'custom',
  server: { middlewareMode: true, hmr: false, ws: false, watch: null },
  optimizeDeps: { noDiscovery: true },
});
await createServerModuleRunner(server.environments.ssr, { hmr: false }).import(`${root}src/ablate/cell-process.ts`);
process.off('message', keep);
for (const message of early) process.emit('message', message);
