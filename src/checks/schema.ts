import { UserError, wrongOption } from './error.js';
import { nearestName } from './nearest-name.js';

/** Checks a value of a config; `path` names it in errors. @throws UserError in one sentence */
export type Check = (value: unknown, path: string) => void;

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const number =
  (least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY): Check =>
  (value, path) => {
    if (typeof value !== 'number' || !(value >= least && value <= most))
      throw wrongOption(path, value, `a number${range(least, most)}`);
  };

export const whole =
  (least: number, most = Number.POSITIVE_INFINITY): Check =>
  (value, path) => {
    if (!Number.isInteger(value) || !((value as number) >= least && (value as number) <= most))
      throw wrongOption(path, value, `a whole number${range(least, most)}`);
  };

export const text: Check = (value, path) => {
  if (typeof value !== 'string' || !value) throw wrongOption(path, value, 'a text');
};

export const yesOrNo: Check = (value, path) => {
  if (typeof value !== 'boolean') throw wrongOption(path, value, 'true or false');
};

export const oneOf =
  (...names: readonly string[]): Check =>
  (value, path) => {
    if (!names.includes(value as string)) throw wrongOption(path, value, `one of ${names.join(' | ')}`);
  };

/** A list whose entries pass a check, of a certain length where one is given. */
export const list =
  (each: Check, length?: number): Check =>
  (value, path) => {
    if (!Array.isArray(value) || (length !== undefined && value.length !== length))
      throw wrongOption(path, value, length === undefined ? 'a list' : `a list of ${length}`);
    value.forEach((entry, at) => {
      each(entry, `${path}[${at}]`);
    });
  };

/** Anything: a check of its own looks at it. */
export const anything: Check = () => {};

/** A record with these keys; a name with a question mark may be left out. */
export function record(fields: Record<string, Check>): Check {
  const names = Object.keys(fields).map((name) => name.replace('?', ''));
  return (value, path) => {
    if (!isRecord(value)) throw wrongOption(path || 'config', value, `a record of ${names.join(', ')}`);
    const under = (name: string) => (path ? `${path}.${name}` : name);
    for (const key of Object.keys(value)) if (!names.includes(key)) throw unknownName(under(key), key, names);
    for (const [name, check] of Object.entries(fields)) {
      const key = name.replace('?', '');
      if (value[key] !== undefined) check(value[key], under(key));
      else if (!name.endsWith('?')) throw wrongOption(under(key), undefined, 'a value; it has no default here');
    }
  };
}

/** A tagged option: the fields of each kind. */
export function tagged(kinds: Record<string, Record<string, Check>>): Check {
  return (value, path) => {
    const { kind } = isRecord(value) ? value : { kind: value };
    oneOf(...Object.keys(kinds))(kind, `${path}.kind`);
    record({ kind: anything, ...kinds[kind as string] })(value, path);
  };
}

function unknownName(path: string, name: string, known: readonly string[]): UserError {
  return new UserError(
    `${path}: is unknown (known here: ${known.join(', ')}); did you mean ${nearestName(name, known)}?`,
  );
}

function range(least: number, most: number): string {
  if (Number.isFinite(least) && Number.isFinite(most)) return ` from ${least} to ${most}`;
  if (Number.isFinite(least)) return ` of at least ${least}`;
  return Number.isFinite(most) ? ` of at most ${most}` : '';
}
