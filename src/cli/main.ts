import { Command, CommanderError } from 'commander';
import { UserError } from '../checks/error.js';
import { fileErrorText } from './places.js';
import type { Work } from './verb.js';
import { ablate } from './verbs/ablate.js';
import { compare } from './verbs/compare.js';
import { complete } from './verbs/complete.js';
import { config } from './verbs/config.js';
import { dataFetch } from './verbs/data-fetch.js';
import { dataInspect } from './verbs/data-inspect.js';
import { dataPack } from './verbs/data-pack.js';
import { embed } from './verbs/embed.js';
import { evaluate } from './verbs/evaluate.js';
import { explain } from './verbs/explain.js';
import { index } from './verbs/index.js';
import { merge } from './verbs/merge.js';
import { modelConvert } from './verbs/model-convert.js';
import { modelGet } from './verbs/model-get.js';
import { modelInspect } from './verbs/model-inspect.js';
import { modelList } from './verbs/model-list.js';
import { newStudy } from './verbs/new.js';
import { prune } from './verbs/prune.js';
import { search } from './verbs/search.js';
import { start } from './verbs/start.js';
import { summarise } from './verbs/summarise.js';
import { train } from './verbs/train.js';
import { verify } from './verbs/verify.js';

/** A verb that works before anything is installed. src/setup runs it and prints its help. */
export interface SetupVerb {
  name: string;
  summary: string;
}

/** The command line of moon-lab. @param choose receives the work of a parsed command line */
export function moonLab(choose: (work: Work) => void, setupVerbs: readonly SetupVerb[] = []): Command {
  const program = new Command('npx moon-lab')
    .description('A research workbench for multimodal product embeddings.')
    .usage('VERB [flags]')
    .exitOverride()
    // `main` prints all errors in one format.
    .configureOutput({ outputError: () => {} })
    .configureHelp({ subcommandTerm: termOf })
    .helpOption('-h, --help', 'show this help')
    .commandsGroup('Verbs:')
    .helpCommand('help [VERB]', 'Show the flags and examples of a verb.');
  for (const each of [
    start,
    newStudy,
    train,
    embed,
    search,
    index,
    evaluate,
    compare,
    complete,
    summarise,
    ablate,
    explain,
    merge,
    prune,
    config,
    verify,
  ])
    each.addTo(program, choose);
  const data = program
    .command('data')
    .description('Inspect a data folder, download its images, rebuild the shipped pack.')
    .usage('VERB [flags]')
    .commandsGroup('Verbs:')
    .helpCommand(false);
  for (const each of [dataInspect, dataFetch, dataPack]) each.addTo(data, choose);
  const model = program
    .command('model')
    .description('List, download and inspect published networks.')
    .usage('VERB [flags]')
    .commandsGroup('Verbs:')
    .helpCommand(false);
  for (const each of [modelList, modelGet, modelInspect, modelConvert]) each.addTo(model, choose);
  for (const { name, summary } of setupVerbs) program.command(name).description(summary).helpGroup('This clone:');
  return program;
}

/** How the list of verbs shows a verb: `pack FROM TO`. */
function termOf(command: Command): string {
  return [command.name(), ...command.registeredArguments.map((argument) => argument.name())].join(' ');
}

/** Run `npx moon-lab ARGS`. @returns exit code: 0 for success, 1 if the work failed, 2 if the arguments are invalid */
export async function main(args: readonly string[], setupVerbs: readonly SetupVerb[] = []): Promise<number> {
  let work: Work | undefined;
  const program = moonLab((chosen) => {
    work = chosen;
  }, setupVerbs);
  const line = args[0] === 'help' ? [...args.slice(1), '--help'] : args;
  const { command, depth } = commandOf(program, line);
  const name = ['moon-lab', ...line.slice(0, depth)].join(' ');
  // For an unknown verb with `--help`, commander would show the help of its parent. Parsed alone, the verb is an error.
  const isUnknown = command.commands.length > 0 && line.length > depth && !line[depth].startsWith('-');
  try {
    program.parse(isUnknown ? line.slice(0, depth + 1) : line, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const sentence = error instanceof UserError ? error.message : commanderText(error, `npx ${name} --help`);
    if (sentence === undefined) throw error;
    if (sentence) console.error(`${name}: ${sentence}`);
    return 2;
  }
  try {
    return (await work?.()) ?? 0;
  } catch (error) {
    const sentence = error instanceof UserError ? error.message : fileErrorText(error);
    if (sentence === undefined) throw error;
    console.error(`${name}: ${sentence}`);
    return 1;
  }
}

/** The verb of a command line, such as `data inspect`, and its number of words. */
function commandOf(program: Command, line: readonly string[]): { command: Command; depth: number } {
  let command = program;
  for (let depth = 0; ; depth++) {
    const next = command.commands.find((each) => each.name() === line[depth]);
    if (!next) return { command, depth };
    command = next;
  }
}

/**
 * An error of commander as one sentence. Empty if commander has already shown the help, undefined for any other error. Commander's own
 * text is `error: unknown option '--stepps'\n(Did you mean --steps?)`.
 * @param help the command that lists verbs or flags
 */
function commanderText(error: unknown, help: string): string | undefined {
  if (!(error instanceof CommanderError)) return undefined;
  if (error.code === 'commander.help') return '';
  const [said, suggestion] = error.message.replace(/^error: /, '').split('\n');
  if (suggestion) return `${said}; ${suggestion.replace(/^\(D/, 'd').replace(/\)$/, '')}`;
  return /unknown/.test(error.code) ? `${said}; ${help} lists what there is.` : `${said.replace(/\.$/, '')}.`;
}
