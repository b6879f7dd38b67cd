import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Application } from 'typedoc';
import { root } from './paths.js';
import { SetupError, UsageError } from './say.js';

/** A page that TypeDoc writes for every project. */
const OWN = 'hierarchy.html';

/** Run `npx moon-lab docs [--out DIR]`: write the reference of the public API as a website, if all of its links lead somewhere. Returns the exit code. */
export async function docs(args) {
  const { values } = parseArgs({ args, options: { out: { type: 'string', default: join('runs', 'docs') } } });
  const out = resolve(values.out);
  // TypeDoc empties the folder first.
  if (existsSync(out) && readdirSync(out).length && !existsSync(join(out, OWN)))
    throw new UsageError(`--out: ${out} has files that are not of a reference.`, 'Name a new or an empty folder.');
  const { app, project, problems } = await readReference();
  if (problems.length)
    throw new SetupError(`The reference has ${problems.length} problems: ${problems.join(' | ')}.`, 'Mend them first.');
  await app.generateDocs(project, out);
  console.log(join(out, 'index.html'));
  return 0;
}

/**
 * Read the docstrings of the public API. `problems` are links that lead nowhere, types that a page names and none describes, and parameters that
 * are described and do not exist.
 */
export async function readReference() {
  const problems = [];
  const tell = (message) => void problems.push(message.replaceAll(/\s+/g, ' ').trim());
  const app = await Application.bootstrapWithPlugins({
    entryPoints: [join(root, 'src/index.ts')],
    tsconfig: join(root, 'tsconfig.json'),
    name: 'moon-lab',
    readme: join(root, 'README.md'),
    plugin: ['typedoc-plugin-missing-exports'],
    // The types that signatures name and that have no name on `moon`.
    internalModule: 'types',
    // Of TensorFlow.js, which has a reference of its own.
    excludeExternals: true,
    // Compiled before; and sources are on this disk, not on a host of repositories.
    skipErrorChecking: true,
    disableSources: true,
    logLevel: 'Warn',
    validation: { notExported: true, invalidLink: true, invalidPath: true, rewrittenLink: true },
  });
  Object.assign(app.logger, { error: tell, warn: tell });
  const project = await app.convert();
  if (project) app.validate(project);
  return { app, project, problems };
}
