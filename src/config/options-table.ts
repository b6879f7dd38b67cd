import { UserError } from '../checks/error.js';
import { nearestName } from '../checks/nearest-name.js';
import { type Option, optionsOf } from '../checks/options-of.js';
import { isRecord } from '../checks/schema.js';
import { configSchema, type MoonConfig } from './config.js';

/** Description of an option of a config, as a plain record. */
export interface OptionDescription {
  /** `negatives.temporal.size` */
  option: string;
  /** The value in the base config, or else the option's own default; null if neither exists. */
  default: unknown;
  /** What applies if the option is left out and no value stands for that. */
  leftOut?: string;
  /** Whether the option has no default, so that a config that chooses its kind must set it. */
  required: boolean;
  /** Range or choices. */
  accepts: string;
  /** The kinds of the enclosing tagged options that have this option: `{ "negatives.temporal": ["queue"] }`. */
  when: Readonly<Record<string, readonly string[]>>;
  help: string;
}

/**
 * Describe every option, with its value in a base config.
 * @param part path of the options to describe, such as `negatives.temporal`; default all
 * @throws UserError for an unknown path
 */
export function describeOptions(base: MoonConfig, part?: string): OptionDescription[] {
  const options = optionsOf(configSchema);
  if (part === undefined) return options.map((option) => described(option, base));
  const chosen = options.filter(({ path }) => `${path}.`.startsWith(`${part}.`));
  if (chosen.length) return chosen.map((option) => described(option, base));
  const parts = options.flatMap(({ path }) => path.split('.').map((_, at, names) => names.slice(0, at + 1).join('.')));
  throw new UserError(`option: got '${part}', which is unknown; did you mean ${nearestName(part, parts)}?`);
}

function described(option: Option, base: MoonConfig): OptionDescription {
  const { path, when, help, accepts, leftOut } = option;
  const value = valueIn(base, option) ?? option.default ?? null;
  const unset = value === null;
  return {
    option: path,
    default: value,
    ...(unset && leftOut !== undefined ? { leftOut } : {}),
    required: unset && leftOut === undefined,
    accepts,
    when,
    help,
  };
}

/** The value of an option in a config; undefined if it is left out or belongs to a kind that the config does not use. */
function valueIn(config: MoonConfig, { path, when }: Option): unknown {
  const at = (path: string) =>
    path.split('.').reduce<unknown>((so, name) => (isRecord(so) ? so[name] : undefined), config);
  const fits = Object.entries(when).every(([tagged, kinds]) => kinds.includes(String(at(`${tagged}.kind`))));
  return fits ? at(path) : undefined;
}

/** Column widths; longer cells are wrapped. */
const DEFAULTS = 18;
const ACCEPTS = 30;
const GAP = 2;

/**
 * Format descriptions as a table for a terminal.
 * @param baseName name of the base config, shown in the header of the defaults
 */
export function optionsTable(descriptions: readonly OptionDescription[], baseName: string, width = 120): string {
  const paths = Math.max(...descriptions.map(({ option }) => option.length));
  const widths = [paths, DEFAULTS, ACCEPTS, width - paths - DEFAULTS - ACCEPTS - 3 * GAP];
  const rows = descriptions.map((each) => [each.option, defaultText(each), each.accepts, helpText(each)]);
  return [['option', `default (${baseName})`, 'accepts', 'what it is'], ...rows]
    .flatMap((cells) => tableLines(cells, widths))
    .join('\n');
}

function defaultText({ default: value, leftOut, required }: OptionDescription): string {
  if (required) return 'must be given';
  if (value === null) return `(${leftOut})`;
  return typeof value === 'string' ? value : JSON.stringify(value).replaceAll(',', ', ');
}

/** The help text, preceded by the kinds to which the option belongs: `queue: ...`. */
function helpText({ when, help }: OptionDescription): string {
  const kinds = Object.values(when).map((each) => each.join(' | '));
  return [...(kinds.length ? [kinds.join(', ')] : []), help].join(': ');
}

function tableLines(cells: readonly string[], widths: readonly number[]): string[] {
  const wrapped = cells.map((cell, column) => wrap(cell, widths[column]));
  const height = Math.max(...wrapped.map(({ length }) => length));
  return Array.from({ length: height }, (_, line) =>
    wrapped
      .map((lines, column) => (lines[line] ?? '').padEnd(widths[column]))
      .join(' '.repeat(GAP))
      .trimEnd(),
  );
}

/** Wrap a text at word boundaries. A word that is longer than a line gets its own line. */
function wrap(text: string, width: number): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines[lines.length - 1];
    if (!last) lines[lines.length - 1] = word;
    else if (last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
