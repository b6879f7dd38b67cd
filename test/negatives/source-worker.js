/** A worker process that runs the sources, through vite as the tests do; modules that it is told of later too. */
import { createServer, createServerModuleRunner } from 'vite';

const root = new URL('../..', import.meta.url).pathname;
const server = await createServer({
  configFile: false,
  root,
  logLevel: 'error',
  appType: 'custom',
  server: { middlewareMode: true, hmr: false, ws: false, watch: null },
  optimizeDeps: { noDiscovery: true },
});
await createServerModuleRunner(server.environments.ssr, { hmr: false }).import(`${root}src/negatives/worker.ts`);
