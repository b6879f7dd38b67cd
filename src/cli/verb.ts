import { type Command, Option } from 'commander';
import { requirePath } from '../checks/missing-path.js';
import { type Flag, nonEmpty } from './flags.js';

type Flags = Record<string, Flag<unknown>>;
/** Lines of help of positional arguments, by name. */
type Arguments = Record<string, string>;

/** The parsed values of a verb's flags and arguments. */
type Values<F extends Flags, A extends Arguments, O extends Arguments, R extends Arguments> = {
  [N in keyof F]: F[N] extends Flag<infer T> ? T : never;
} & { [N in keyof A]: string } & { [N in keyof O]: string | undefined } & { [N in keyof R]: string[] };

/** The work of a command line. Returns the exit code: 0 for success, 1 for failure. */
export type Work = () => Promise<number>;

/** A verb of `npx moon-lab`. Its implementation is imported only when it runs, so that help appears at once. */
export interface Verb {
  /** Add the verb to `parent` as a command. @param choose receives the work of a parsed command line */
  addTo(parent: Command, choose: (work: Work) => void): Command;
}

interface Declaration<F extends Flags, A extends Arguments, O extends Arguments, R extends Arguments> {
  name: string;
  /** One line for the list of verbs and the verb's own help. */
  summary: string;
  /** Required positional arguments. */
  arguments?: A;
  /** Optional positional arguments, after the required ones. */
  optional?: O;
  /** One positional argument that takes all that is given, at least one, in place of the others. */
  rest?: R;
  flags: F;
  /** Flags that exclude each other. */
  conflicts?: { [N in keyof F]?: readonly (keyof F & string)[] };
  /** Flags that require another flag. */
  needs?: { [N in keyof F]?: keyof F & string };
  /** Flags and arguments that name a file or folder, which must be there when the verb runs. */
  reads?: readonly ((keyof F | keyof A) & string)[];
  /** @throws UserError for inconsistent values */
  check?(values: Values<F, A, O, R>): void;
  /** Example command lines, without `npx moon-lab`. */
  examples: readonly string[];
  /** @returns exit code @throws UserError */
  run(values: Values<F, A, O, R>): Promise<number>;
}

export function verb<
  F extends Flags,
  A extends Arguments = Record<never, string>,
  O extends Arguments = Record<never, string>,
  R extends Arguments = Record<never, string>,
>(own: Declaration<F, A, O, R>): Verb {
  const conflicts: Record<string, readonly string[] | undefined> = own.conflicts ?? {};
  const needs = Object.entries<string | undefined>(own.needs ?? {});
  return {
    addTo(parent, choose) {
      const command = parent.command(own.name).description(own.summary);
      for (const [name, help] of Object.entries(own.arguments ?? {})) command.argument(`<${name.toUpperCase()}>`, help);
      for (const [name, help] of Object.entries(own.optional ?? {})) command.argument(`[${name.toUpperCase()}]`, help);
      const [rest] = Object.entries(own.rest ?? {});
      if (rest) command.argument(`<${rest[0].toUpperCase()}...>`, rest[1]);
      const options = new Map(Object.entries(own.flags).map(([name, flag]) => [name, optionOf(name, flag)]));
      for (const [name, option] of options) {
        command.addOption(option.conflicts([...(conflicts[name] ?? [])]));
        if (!own.flags[name].repeatable) refuseRepeats(command, option);
      }
      command.addHelpText('after', `\nExamples:\n${own.examples.map((each) => `  npx moon-lab ${each}`).join('\n')}`);
      return command.action(() => {
        const given = (name: string) => command.getOptionValueSource(name) === 'cli';
        for (const [name, needed] of needs)
          if (needed !== undefined && given(name) && !given(needed))
            command.error(`${options.get(name)?.long} requires ${options.get(needed)?.flags}`);
        const places = Object.keys({ ...own.arguments, ...own.optional });
        for (const [at, given] of command.args.entries()) nonEmpty(given, (rest?.[0] ?? places[at]).toUpperCase());
        const values = Object.fromEntries([
          ...Object.entries(own.flags).map(([name, flag]) => [name, command.getOptionValue(name) ?? flag.initial]),
          ...places.map((name, at) => [name, command.args[at]]),
          ...(rest ? [[rest[0], command.args]] : []),
        ]) as Values<F, A, O, R>;
        own.check?.(values);
        choose(async () => {
          for (const name of own.reads ?? []) {
            const path: string | undefined = values[name];
            if (path !== undefined) requirePath(path, options.get(name)?.long ?? name.toUpperCase());
          }
          return own.run(values);
        });
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

/** Without this check, a repeated flag would silently override the first one. */
function refuseRepeats(command: Command, option: Option): void {
  let times = 0;
  command.on(`option:${option.name()}`, () => {
    if (++times > 1) command.error(`${option.long} is given twice; leave one of them out`);
  });
}
