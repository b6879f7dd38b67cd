import { Command, CommanderError } from 'commander';
import { UserError } from '../checks/error.js';
import { fileErrorText } from './places.js';
import type { Work } from './verb.js';
import { ablate } from './verbs/ablate.js';
import { config } from './verbs/config.js';
import { dataFetch } from './verbs/data-fetch.js';
import { dataInspect } from './verbs/data-inspect.js';
import { dataPack } from './verbs/data-pack.js';
import { evaluate } from './verbs/evaluate.js';
import { explain } from './verbs/explain.js';
import { start } from './verbs/start.js';
import { train } from './verbs/train.js';
import { verify } from './verbs/verify.js';

/** A verb that works before anything is installed: src/setup runs it and has its help. */
export interface SetupVerb {
  name: string;
  summary: string;
}

/** The whole command line. @param choose is told the work once a line is read */
export function moonLab(choose: (work: Work) => void, setupVerbs: readonly SetupVerb[] = []): Command {
  const program = new Command('npx moon-lab')
    .description('A research workbench for multimodal product embeddings.')
    .usage('VERB [flags]')
    .exitOverride()
    // `main` prints errors, so that all look alike.
    .configureOutput({ outputError: () => {} })
    .configureHelp({ subcommandTerm: termOf })
    .helpOption('-h, --help', 'show this help')
    .commandsGroup('Verbs:')
    .helpCommand('help [VERB]', 'Show the flags and examples of a verb.');
  for (const each of [start, train, evaluate, ablate, explain, config, verify]) each.addTo(program, choose);
  const data = program
    .command('data')
    .description('Inspect a data folder, fetch its images, make the shipped pack anew.')
    .usage('VERB [flags]')
    .commandsGroup('Verbs:')
    .helpCommand(false);
  for (const each of [dataInspect, dataFetch, dataPack]) each.addTo(data, choose);
  for (const { name, summary } of setupVerbs) program.command(name).description(summary).helpGroup('This clone:');
  return program;
}

/** A verb in a list of verbs: `pack FROM TO`. */
function termOf(command: Command): string {
  return [command.name(), ...command.registeredArguments.map((argument) => argument.name())].join(' ');
}

/** `npx moon-lab ARGS`: 0 when it worked, 1 when the work failed, 2 when the words were wrong. */
export async function main(args: readonly string[], setupVerbs: readonly SetupVerb[] = []): Promise<number> {
  let work: Work | undefined;
  const program = moonLab((chosen) => {
    work = chosen;
  }, setupVerbs);
  const line = args[0] === 'help' ? [...args.slice(1), '--help'] : args;
  const { command, depth } = commandOf(program, line);
  const name = ['moon-lab', ...line.slice(0, depth)].join(' ');
  // Of a verb that there is not, commander would show its parent's help: it is parsed alone, and refused.
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

/** The verb that a line names, `data inspect`, and of how many words. */
function commandOf(program: Command, line: readonly string[]): { command: Command; depth: number } {
  let command = program;
  for (let depth = 0; ; depth++) {
    const next = command.commands.find((each) => each.name() === line[depth]);
    if (!next) return { command, depth };
    command = next;
  }
}

/**
 * What commander refused, in one sentence; empty where it has shown the help already, undefined for another error. Commander itself says
 * `error: unknown option '--stepps'\n(Did you mean --steps?)`.
 * @param help the command that lists what there is
 */
function commanderText(error: unknown, help: string): string | undefined {
  if (!(error instanceof CommanderError)) return undefined;
  if (error.code === 'commander.help') return '';
  const [said, suggestion] = error.message.replace(/^error: /, '').split('\n');
  if (suggestion) return `${said}; ${suggestion.replace(/^\(D/, 'd').replace(/\)$/, '')}`;
  return /unknown/.test(error.code) ? `${said}; ${help} lists what there is.` : `${said.replace(/\.$/, '')}.`;
}
