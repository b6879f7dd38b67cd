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
