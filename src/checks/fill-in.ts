import * as v from 'valibot';
import { UserError, wrongOption } from './error.js';
import { nearestName } from './nearest-name.js';
import { optionsOf } from './options-of.js';
import type { AnySchema, Schema } from './schema.js';
import { namesAt } from './schema-parts.js';

/** Former path of an option -> its current name. */
export type FormerNames = Readonly<Record<string, string>>;

/**
 * Check a value against a schema and fill in the defaults. The given value is not modified.
 * @param path path of the option in a config, for error messages
 * @throws UserError with the value, what was expected and the nearest known name
 */
export function fillIn<Given, Filled>(
  schema: Schema<Given, Filled>,
  value: unknown,
  path = '',
  formerNames: FormerNames = {},
): Filled {
  const { success, issues, output } = v.safeParse(schema as AnySchema as v.GenericSchema, value);
  if (success) return output as Filled;
  // An unknown name explains more than the missing name that it was meant for.
  const issue = issues.find(isUnknownName) ?? issues[0];
  if (isUnknownName(issue)) throw unknownName(schema, issue, path, formerNames);
  const missing = issue.type === 'strict_object' && issue.input === undefined;
  const at = pathOf(path, issue) || 'config';
  if (missing) throw new UserError(`${at}: is missing; this option has no default.`);
  throw wrongOption(at, issue.input, issue.message);
}

const isUnknownName = ({ type, expected }: v.BaseIssue<unknown>) => type === 'strict_object' && expected === 'never';

function unknownName(
  schema: AnySchema,
  issue: v.BaseIssue<unknown>,
  path: string,
  formerNames: FormerNames,
): UserError {
  const known = namesAt(schema, issue.path!);
  const at = pathOf(path, issue);
  const now = Object.hasOwn(formerNames, at) ? formerNames[at] : undefined;
  if (now !== undefined && known.includes(now)) {
    const renamed = at.replace(/[^.]*$/, now);
    const option = optionsOf(schema, path).find((each) => each.path === renamed);
    return new UserError(`${at}: is now called ${now}${option ? `, ${option.help}` : ''}.`);
  }
  const name = String(issue.input);
  return new UserError(
    `${at}: is unknown (known here: ${known.join(', ')}); did you mean ${nearestName(name, known)}?`,
  );
}

/** `negatives.temporal.size`, `experts.blocks[1]` */
function pathOf(path: string, issue: v.BaseIssue<unknown>): string {
  const keys = issue.path?.map(({ key }) => key) ?? [];
  return keys.reduce<string>((so, key) => {
    if (typeof key === 'number') return `${so}[${key}]`;
    return so ? `${so}.${key}` : `${key}`;
  }, path);
}
