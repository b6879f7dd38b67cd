import { UserError } from '../checks/error.js';
import { nearestName } from '../checks/nearest-name.js';
import type { Command } from './command.js';

/** Loaded only when asked for, so that `help` and small commands start at once. */
const commands: Record<string, () => Promise<Command>> = {
  start: async () => (await import('./start.js')).start,
  train: async () => (await import('./train.js')).train,
  evaluate: async () => (await import('./evaluate.js')).evaluate,
  ablate: async () => (await import('./ablate.js')).ablate,
  explain: async () => (await import('./explain.js')).explainProduct,
  verify: async () => (await import('./verify.js')).verify,
  config: async () => (await import('./config.js')).config,
  data: async () => (await import('./data.js')).data,
};

/** `npx moon-lab VERB ...`: 0 when it worked, 1 when the work failed, 2 when the words were wrong. */
export async function main([verb, ...args]: string[]): Promise<number> {
  const load = commands[verb];
  if (load) {
    const { run, usage, summary } = await load();
    if (args.includes('--help') || args.includes('-h')) {
      console.log(`npx moon-lab ${usage}\n\n  ${summary}`);
      return 0;
    }
    try {
      return await run(args);
    } catch (error) {
      if (!(error instanceof UserError || isArgumentError(error))) throw error;
      console.error(`moon-lab ${verb}: ${unknownOption(error, usage) ?? error.message}`);
      return error instanceof UserError ? 1 : 2;
    }
  }
  await help();
  if (verb === 'help') return 0;
  console.error(`\nmoon-lab: got '${verb}', expected one of the commands above.`);
  return 2;
}

function isArgumentError(error: unknown): error is Error {
  return error instanceof Error && String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS');
}

/** An option that the command has not, with the nearest of those that it has. */
function unknownOption(error: Error, usage: string): string | undefined {
  const [, name] = /^Unknown option '(-[^']+)'/.exec(error.message) ?? [];
  const known = usage.match(/--[a-z][a-z-]*/g);
  return name && known ? `Unknown option '${name}'; did you mean ${nearestName(name, known)}?` : undefined;
}

async function help(): Promise<void> {
  console.log('npx moon-lab COMMAND\n');
  const own = [
    ['setup', 'bring this clone to where it can work (every command does it first)'],
    ['doctor [--json]', 'what is present, what is missing, and the remedy of each'],
    ['test', 'format, lint, types and tests'],
    ['bench [NAME...] [--python PATH] [--json]', 'measurements beside the named rival'],
    ['lab [--check]', 'JupyterLab on notebooks/; --check executes them all'],
  ];
  const rest = await Promise.all(Object.values(commands).map((load) => load()));
  for (const [usage, summary] of [...own, ...rest.map((each) => [each.usage, each.summary])])
    console.log(`  ${usage}\n      ${summary}`);
}
