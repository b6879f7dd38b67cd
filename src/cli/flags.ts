import { wrongOption } from '../checks/error.js';
import type { Split } from '../data/types.js';
import { checkOutputFile, checkOutputFolder } from './places.js';

/** A flag of a verb: its line of help, and how its text becomes a value. Its name is the key under which a verb declares it. */
export interface Flag<T> {
  help: string;
  /** What stands for the value in the help, `DIR`; absent for a switch. */
  value?: string;
  /** The value where the flag is not given. */
  initial: T;
  /** Shown as the default in the help where `initial` cannot say it. */
  shown?: string;
  /** @throws UserError that names the flag and the text */
  parse?(text: string, flag: string, before: T): T;
  /** May be given more than once. */
  repeatable?: boolean;
  required?: boolean;
  /** Declared as `--no-NAME`: true until it is given. */
  negated?: boolean;
  hidden?: boolean;
}

export type Optional<T> = Flag<T | undefined>;

export const splits: readonly Split[] = ['train', 'dev', 'val', 'test'];

/** A flag with a value, by a function from its text. */
export function flag<T>(value: string, help: string, parse: (text: string, flag: string) => T): Optional<T> {
  return { value, help, parse, initial: undefined };
}

export const yes = (help: string): Flag<boolean> => ({ help, initial: false });

/** `--no-NAME` */
export const no = (help: string): Flag<boolean> => ({ help, initial: true, negated: true });

export const text = (value: string, help: string) => flag(value, help, filled);

/** A whole number of at least `min`. */
export const whole = (value: string, help: string, min = 1) =>
  flag(value, help, (given, name) => wholeNumber(given, name, min));

/** A number above 0. */
export const positive = (value: string, help: string) =>
  flag(value, help, (given, name) => {
    const number = /^\d*\.?\d+$/.test(given) ? Number(given) : 0;
    if (!(number > 0 && Number.isFinite(number))) throw wrongOption(name, given, 'a number above 0');
    return number;
  });

/** Choices that are longer than this stand in the help of a flag and not beside its name. */
const BESIDE = 20;

/** One of several names. */
export function choice<const T extends string>(choices: readonly T[], help: string): Optional<T> {
  const all = choices.join('|');
  const isLong = all.length > BESIDE;
  return flag(isLong ? 'NAME' : all, isLong ? `${help}: ${choices.join(', ')}` : help, (given, name) => {
    const found = choices.find((each) => each === given);
    if (found === undefined) throw wrongOption(name, given, choices.join(' | '));
    return found;
  });
}

export const split = (help: string) => choice(splits, help);

/** Names between commas, no name twice. */
export const names = (value: string, help: string) => flag(value, help, namesIn);

/** Whole numbers between commas, none twice. */
export const wholes = (value: string, help: string, min = 0) =>
  flag(value, help, (given, name) => namesIn(given, name).map((each) => wholeNumber(each, name, min, given)));

/** A folder to write into, made where it is missing. */
export const outFolder = (help: string) =>
  flag('DIR', help, (given, name) => {
    checkOutputFolder(filled(given, name), name);
    return given;
  });

/** A file to write, its folders made where they are missing. */
export const outFile = (help: string) =>
  flag('FILE', help, (given, name) => {
    checkOutputFile(filled(given, name), name);
    return given;
  });

/** Given once for each value. */
export function several<T>({ parse, ...single }: Optional<T>): Flag<T[]> {
  return {
    ...single,
    initial: [],
    repeatable: true,
    parse: (given, name, before) => [...(before ?? []), parse?.(given, name, undefined) as T],
  };
}

/** NAME=VALUE for each setting, no name twice. */
export function settings(help: string): Flag<string[]> {
  return {
    ...several(text('NAME=VALUE', help)),
    parse(given, flagName, before = []) {
      const [name] = given.split('=');
      if (!name || !given.includes('=')) throw wrongOption(flagName, given, 'NAME=VALUE such as optimizer.steps=100');
      const twin = before.find((each) => each.startsWith(`${name}=`));
      if (twin) throw wrongOption(flagName, given, `${name} once; it was given as ${twin} already`);
      return [...before, given];
    },
  };
}

export const withDefault = <T, Initial extends T>(optional: Optional<T>, initial: Initial): Flag<T> =>
  ({ ...optional, initial }) as Flag<T>;

/** A default that is found out when the verb runs; `shown` says it in the help. */
export const laterDefault = <T>(optional: Optional<T>, shown: string): Optional<T> => ({ ...optional, shown });

export const required = <T>(optional: Optional<T>) => ({ ...optional, required: true }) as unknown as Flag<T>;

/** Not in the help: for our own programs. */
export const hidden = <T>(own: Flag<T>): Flag<T> => ({ ...own, hidden: true });

function filled(given: string, name: string): string {
  if (!given.trim()) throw wrongOption(name, given, 'a value');
  return given;
}

/** @param all the whole text, where the number is a part of it */
function wholeNumber(given: string, name: string, min: number, all = given): number {
  const number = /^\d+$/.test(given) ? Number(given) : Number.NaN;
  if (!(Number.isSafeInteger(number) && number >= min))
    throw wrongOption(
      name,
      all,
      given === all ? `a whole number of at least ${min}` : `whole numbers of at least ${min}`,
    );
  return number;
}

function namesIn(given: string, name: string): string[] {
  const found = given.split(',').map((each) => each.trim());
  if (found.includes('')) throw wrongOption(name, given, 'values between commas');
  const twin = found.find((each, at) => found.indexOf(each) < at);
  if (twin !== undefined) throw wrongOption(name, given, `each value once, and ${twin} is there twice`);
  return found;
}
