import { wrongOption } from '../checks/error.js';
import { type IntegerRange, integerOf, rangeText } from '../checks/integer.js';
import { parseColumns } from '../data/tables/columns.js';
import type { Split } from '../data/types.js';
import { checkOutputFile, checkOutputFolder } from './places.js';

/** A flag of a verb: its line of help, and how its text is parsed. Its name is the key under which the verb declares it. */
export interface Flag<T> {
  help: string;
  /** Placeholder of the value in the help, such as `DIR`; absent for a boolean flag. */
  value?: string;
  /** The value if the flag is not given. */
  initial: T;
  /** The default as shown in the help, if it is not `initial`. */
  shown?: string;
  /** @throws UserError that states the flag and the text */
  parse?(text: string, flag: string, before: T): T;
  /** Whether it may be given more than once. */
  repeatable?: boolean;
  required?: boolean;
  /** Declared as `--no-NAME`: true unless given. */
  negated?: boolean;
  hidden?: boolean;
}

export type Optional<T> = Flag<T | undefined>;

export const splits: readonly Split[] = ['train', 'dev', 'val', 'test'];

/** An optional flag whose value is parsed from text. */
export function flag<T>(value: string, help: string, parse: (text: string, flag: string) => T): Optional<T> {
  return { value, help, parse, initial: undefined };
}

export const toggle = (help: string): Flag<boolean> => ({ help, initial: false });

/** `--no-NAME` */
export const negatedToggle = (help: string): Flag<boolean> => ({ help, initial: true, negated: true });

export const text = (value: string, help: string) => flag(value, help, nonEmpty);

export const integer = (value: string, help: string, range: IntegerRange = { min: 1 }) =>
  flag(value, help, (given, name) => parseInteger(given, name, range));

/** A number above 0. */
export const positive = (value: string, help: string) =>
  flag(value, help, (given, name) => {
    const number = /^\d*\.?\d+$/.test(given) ? Number(given) : 0;
    if (!(number > 0 && Number.isFinite(number))) throw wrongOption(name, given, 'a number above 0');
    return number;
  });

/** A number from 0 to 1. */
export const fraction = (value: string, help: string) =>
  flag(value, help, (given, name) => {
    const number = /^\d*\.?\d+$/.test(given) ? Number(given) : Number.NaN;
    if (!(number >= 0 && number <= 1)) throw wrongOption(name, given, 'a number from 0 to 1');
    return number;
  });

/** If the choices of a flag are longer than this, the help lists them in its description and not as its placeholder. */
const MAX_PLACEHOLDER = 20;

/** One of several values. */
export function choice<const T extends string>(choices: readonly T[], help: string): Optional<T> {
  const all = choices.join('|');
  const isLong = all.length > MAX_PLACEHOLDER;
  return flag(isLong ? 'NAME' : all, isLong ? `${help}: ${choices.join(', ')}` : help, (given, name) => {
    const found = choices.find((each) => each === given);
    if (found === undefined) throw wrongOption(name, given, choices.join(' | '));
    return found;
  });
}

export const split = (help: string) => choice(splits, help);

/** Comma-separated names without duplicates. */
export const names = (value: string, help: string) => flag(value, help, parseNames);

/** Comma-separated integers of at least 0, without duplicates. */
export const integers = (value: string, help: string) =>
  flag(value, help, (given, name) =>
    parseNames(given, name).map((each) => parseInteger(each, name, { min: 0 }, given)),
  );

/** A folder to write into, which will be created if it does not exist. */
export const outFolder = (help: string) =>
  flag('DIR', help, (given, name) => {
    checkOutputFolder(nonEmpty(given, name), name);
    return given;
  });

/** A file to write, whose folders will be created if they do not exist. */
export const outFile = (help: string) =>
  flag('FILE', help, (given, name) => {
    checkOutputFile(nonEmpty(given, name), name);
    return given;
  });

/** A flag that is repeated for each value, and refuses a value that is given twice. */
export function repeated<T>({ parse, ...single }: Optional<T>): Flag<T[]> {
  return {
    ...single,
    initial: [],
    repeatable: true,
    parse(given, name, before = []) {
      const value = parse?.(given, name, undefined) as T;
      if (before.includes(value)) throw wrongOption(name, given, 'each value once');
      return [...before, value];
    },
  };
}

/** A repeatable flag with NAME=VALUE for each setting, without duplicate names. */
export function settings(help: string): Flag<string[]> {
  return {
    ...repeated(text('NAME=VALUE', help)),
    parse(given, flagName, before = []) {
      const [name] = given.split('=');
      if (!name || !given.includes('=')) throw wrongOption(flagName, given, 'NAME=VALUE such as optimizer.steps=100');
      const twin = before.find((each) => each.startsWith(`${name}=`));
      if (twin) throw wrongOption(flagName, given, `${name} only once, but it was already given as ${twin}`);
      return [...before, given];
    },
  };
}

export const withDefault = <T, Initial extends T>(optional: Optional<T>, initial: Initial): Flag<T> =>
  ({ ...optional, initial }) as Flag<T>;

/** A flag whose default is determined when the verb runs; `shown` describes it in the help. */
export const computedDefault = <T>(optional: Optional<T>, shown: string): Optional<T> => ({ ...optional, shown });

export const required = <T>(optional: Optional<T>) => ({ ...optional, required: true }) as unknown as Flag<T>;

/** A flag for moon-lab's own processes, which the help does not list. */
export const hidden = <T>(own: Flag<T>): Flag<T> => ({ ...own, hidden: true });

export function nonEmpty(given: string, name: string): string {
  if (!given.trim()) throw wrongOption(name, given, 'a value');
  return given;
}

/** @param all the full text of the flag, if the number is one of several */
function parseInteger(given: string, name: string, range: IntegerRange, all = given): number {
  const number = integerOf(given, range);
  if (number === undefined)
    throw wrongOption(name, all, `${given === all ? 'an integer' : 'integers'} ${rangeText(range)}`);
  return number;
}

function parseNames(given: string, name: string): string[] {
  const found = given.split(',').map((each) => each.trim());
  if (found.includes('')) throw wrongOption(name, given, 'comma-separated values');
  const twin = found.find((each, at) => found.indexOf(each) < at);
  if (twin !== undefined) throw wrongOption(name, given, `each value once, but ${twin} appears twice`);
  return found;
}

/** How a table is read: what its columns mean, its encoding, and where links may lead. */
export const readingFlags = {
  map: computedDefault(
    flag('FIELD=COLUMN,...', 'which column of a table holds which field', (given, name) => parseColumns(given, name)),
    'guessed from the header',
  ),
  encoding: computedDefault(text('NAME', 'encoding of a text table, such as windows-1252'), 'what it looks like'),
  follow: text('ROOT', 'folder outside of the data that symbolic links may lead to'),
};
