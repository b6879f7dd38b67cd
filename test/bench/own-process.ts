import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { build, type Plugin } from 'vite';
import type { BenchRow } from './table.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Sources as they are built, since they find files beside their own. */
const built: Plugin = {
  name: 'built',
  enforce: 'pre',
  resolveId(id, importer) {
    if (!importer || !id.startsWith('.')) return undefined;
    const file = relative(join(root, 'src'), resolve(dirname(importer), id));
    return file.startsWith('..') ? undefined : { id: pathToFileURL(join(root, 'dist', file)).href, external: true };
  },
};

/** The first number of another bench in a process of its own, since a process's peak memory never goes down. */
export async function inOwnProcess(bench: string): Promise<number> {
  return (await rowsInOwnProcess(bench))[0].ours;
}

/**
 * The rows of another bench in a process of its own that runs the build: the bundler that runs benches from their sources would count in its
 * memory.
 */
export async function rowsInOwnProcess(bench: string): Promise<BenchRow[]> {
  const [name, ...parts] = bench.split(':');
  // Inside of the project, where its packages are found.
  mkdirSync(join(root, '.moon'), { recursive: true });
  const folder = mkdtempSync(join(root, '.moon', 'bench-'));
  try {
    await build({
      configFile: false,
      root,
      logLevel: 'error',
      plugins: [built],
      build: {
        ssr: join(root, 'test', 'bench', `${name}.ts`),
        outDir: folder,
        rolldownOptions: { output: { entryFileNames: 'bench.mjs' } },
      },
    });
    const run = `import(process.argv[1]).then(async ({ rows }) => console.log(JSON.stringify(await rows({ part: process.argv[2] }))))`;
    const file = pathToFileURL(join(folder, 'bench.mjs')).href;
    const given = parts.length ? [parts.join(':')] : [];
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', run, file, ...given]);
    return JSON.parse(stdout.slice(stdout.lastIndexOf('\n[') + 1)) as BenchRow[];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
