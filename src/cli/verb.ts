import { type Command, Option } from 'commander';
import type { Flag } from './flags.js';

type Flags = Record<string, Flag<unknown>>;
/** Positional arguments by name, with a line of help each. */
type Arguments = Record<string, string>;

/** What a verb gets: a value for each of its flags and arguments. */
type Values<F extends Flags, A extends Arguments, O extends Arguments> = {
  [N in keyof F]: F[N] extends Flag<infer T> ? T : never;
} & { [N in keyof A]: string } & { [N in keyof O]: string | undefined };

/** The work that a command line names. Gives the exit code: 0, or 1 where it failed. */
export type Work = () => Promise<number>;

/** One verb of `npx moon-lab`. What it needs beside its flags is imported when it runs: help has to be there at once. */
export interface Verb {
  /** Declare it as a command of `parent`. @param choose is told the work once a command line is read */
  addTo(parent: Command, choose: (work: Work) => void): Command;
}

interface Declaration<F extends Flags, A extends Arguments, O extends Arguments> {
  name: string;
  /** One line for the list of commands, and the first of the verb's own help. */
  summary: string;
  /** Arguments that have to be given. */
  arguments?: A;
  /** Arguments that may follow them. */
  optional?: O;
  flags: F;
  /** Flags that cannot be given together. */
  conflicts?: { [N in keyof F]?: readonly (keyof F & string)[] };
  /** Flags that mean something beside another one alone. */
  needs?: { [N in keyof F]?: keyof F & string };
  /** @throws UserError for values that do not fit together */
  check?(values: Values<F, A, O>): void;
  /** Command lines after `npx moon-lab `. */
  examples: readonly string[];
  /** @throws UserError */
  run(values: Values<F, A, O>): Promise<number>;
}

export function verb<
  F extends Flags,
  A extends Arguments = Record<never, string>,
  O extends Arguments = Record<never, string>,
>(own: Declaration<F, A, O>): Verb {
  const conflicts: Record<string, readonly string[] | undefined> = own.conflicts ?? {};
  const needs = Object.entries<string | undefined>(own.needs ?? {});
  return {
    addTo(parent, choose) {
      const command = parent.command(own.name).description(own.summary);
      for (const [name, help] of Object.entries(own.arguments ?? {})) command.argument(`<${name.toUpperCase()}>`, help);
      for (const [name, help] of Object.entries(own.optional ?? {})) command.argument(`[${name.toUpperCase()}]`, help);
      const options = new Map(Object.entries(own.flags).map(([name, flag]) => [name, optionOf(name, flag)]));
      for (const [name, option] of options) {
        command.addOption(option.conflicts([...(conflicts[name] ?? [])]));
        if (!own.flags[name].repeatable) refuseSecond(command, option);
      }
      command.addHelpText('after', `\nExamples:\n${own.examples.map((each) => `  npx moon-lab ${each}`).join('\n')}`);
      return command.action(() => {
        const given = (name: string) => command.getOptionValueSource(name) === 'cli';
        for (const [name, needed] of needs)
          if (needed !== undefined && given(name) && !given(needed))
            command.error(`${options.get(name)?.long} needs ${options.get(needed)?.flags} beside it`);
        const values = Object.fromEntries([
          ...Object.entries(own.flags).map(([name, flag]) => [name, command.getOptionValue(name) ?? flag.initial]),
          ...Object.keys({ ...own.arguments, ...own.optional }).map((name, at) => [name, command.args[at]]),
        ]) as Values<F, A, O>;
        own.check?.(values);
        choose(() => own.run(values));
      });
    },
  };
}

function optionOf(name: string, flag: Flag<unknown>): Option {
  const long = `--${flag.negated ? 'no-' : ''}${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  const help = flag.shown ? `${flag.help} (default: ${flag.shown})` : flag.help;
  const option = new Option(
    flag.value ? `${long} <${flag.value}>` : long,
    flag.repeatable ? `${help}; repeatable` : help,
  );
  const { parse } = flag;
  if (parse) option.argParser((text, before) => parse(text, long, before));
  if (flag.value && !flag.repeatable && flag.initial !== undefined) option.default(flag.initial, String(flag.initial));
  return option.makeOptionMandatory(flag.required ?? false).hideHelp(flag.hidden ?? false);
}

/** Of a flag that is given twice the first would be forgotten. */
function refuseSecond(command: Command, option: Option): void {
  let times = 0;
  command.on(`option:${option.name()}`, () => {
    if (++times > 1) command.error(`${option.long} is given twice; leave one of them out`);
  });
}
