import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runnerImport } from 'vite';
import { root } from './paths.js';
import { UsageError } from './say.js';

const folder = join(root, 'test/bench');
/** Helper modules in the folder of benchmarks. */
const helpers = [
  'table',
  'rival',
  'sized',
  'training-step',
  'map-panning',
  'profile',
  'random-network',
  'tuned-step',
  'scale-catalogue',
  'own-process',
];

/**
 * Run `npx moon-lab bench NAME... [--python PATH] [--json]`: measurements that never pass or fail. Without a name it lists them. NAME:PART
 * runs one part of a benchmark that has parts. Returns the exit code.
 */
export async function bench(args) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { python: { type: 'string' }, json: { type: 'boolean' } },
  });
  const names = readdirSync(folder)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.slice(0, -3))
    .filter((name) => !helpers.includes(name));
  const requested = positionals.map((each) => {
    const [name, ...part] = each.split(':');
    return [name, part.length ? part.join(':') : undefined];
  });
  const unknown = requested.map(([name]) => name).find((name) => !names.includes(name));
  if (unknown !== undefined) throw new UsageError(`bench: got '${unknown}', expected`, `one of ${names.join(' | ')}.`);
  if (requested.length > 1 && positionals.includes('ablate'))
    throw new UsageError(
      "bench: got 'ablate' with other names, expected",
      'it alone: it runs the build and the others run the sources, each with its own engine.',
    );
  if (!positionals.length) {
    console.log(`npx moon-lab bench NAME... [--python PATH] [--json]\n\n  ${names.join('\n  ')}`);
    return 0;
  }
  if (values.python && !existsSync(values.python))
    throw new UsageError(
      `--python: ${values.python} does not exist.`,
      'Give a Python with the packages to compare with.',
    );
  const load = async (file) =>
    (await runnerImport(join(folder, `${file}.ts`), { configFile: false, root, logLevel: 'error' })).module;
  const { benchText } = await load('table');
  const built = (file) => import(`../../dist/${file}`);
  const rows = [];
  for (const [name, part] of requested)
    rows.push(...(await (await load(name)).rows({ python: values.python, part, built })));
  console.log(values.json ? JSON.stringify({ rows }, null, 2) : benchText(rows));
  return 0;
}
