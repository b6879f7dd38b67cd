/** Loads the sources in a process that a test starts, through vite as the tests do. */
import { createServer, createServerModuleRunner } from 'vite';

const root = new URL('..', import.meta.url).pathname;

/** `path` from the root, and whatever else is named later. */
export async function importSource(path) {
  const server = await createServer({
    configFile: false,
    root,
    logLevel: 'error',
    appType: 'custom',
    server: { middlewareMode: true, hmr: false, ws: false, watch: null },
    optimizeDeps: { noDiscovery: true },
  });
  return createServerModuleRunner(server.environments.ssr, { hmr: false }).import(`${root}${path}`);
}

/** Run the entry point of a child process from the sources. Messages that come while it loads are handed on to it. */
export async function runSourceProcess(path) {
  const early = [];
  const keep = (message) => early.push(message);
  process.on('message', keep);
  await importSource(path);
  process.off('message', keep);
  for (const message of early) process.emit('message', message);
}
