import type { AnySchema } from './schema.js';

/** The parts of a valibot schema that moon-lab reads. */
export interface Part {
  kind: string;
  type: string;
  pipe?: readonly (Part & { requirement?: unknown })[];
  /** The inner schema of an optional one. */
  wrapped?: Part;
  default?: unknown;
  /** The fields of a record. */
  entries?: Readonly<Record<string, Part>>;
  /** For a tagged option: one record for each kind. For a choice: its names. */
  options?: readonly (Part | string)[];
  /** For `eitherRecord`: the records of values with and without the field. */
  either?: { field: string; otherwise: string; has: Part; lacks: Part };
  /** The schema of the entries of a list. */
  item?: Part;
  /** The value of the field `kind`. */
  literal?: string;
}

export const partOf = (schema: AnySchema): Part => schema as unknown as Part;

/** Unwrap an optional schema, and the guard that checks for a record. */
export function innerPart(part: Part): Part {
  if (part.wrapped) return innerPart(part.wrapped);
  return part.pipe?.slice(1).find(({ kind }) => kind === 'schema') ?? part;
}

/** The fields of each kind of a tagged option. */
export function kindsOf({ type, options = [] }: Part): [kind: string, fields: Readonly<Record<string, Part>>][] {
  if (type !== 'variant') return [];
  return (options as readonly Part[]).map(({ entries = {} }) => [entries.kind.literal!, entries]);
}

/** Unwrap the record of a described schema such as `table`. */
export function recordPart(part: Part): Part {
  const inner = innerPart(part);
  const [first] = inner.pipe ?? [];
  return inner.entries || !first?.pipe ? inner : innerPart(first);
}

/** The record of an `eitherRecord` that a value belongs to; any other part is itself. */
export function chosenPart(part: Part, value: unknown): Part {
  if (!part.either) return part;
  const { field, has, lacks } = part.either;
  return typeof value === 'object' && value !== null && field in value ? has : lacks;
}

/** All field names that are valid where the last key of `path` stands. */
export function namesAt(schema: AnySchema, path: readonly { key: unknown; input: unknown }[]): string[] {
  let part = innerPart(partOf(schema));
  let entries: Readonly<Record<string, Part>> | undefined;
  for (const { key, input } of path) {
    const own = chosenPart(part, input);
    const [, ofKind] = kindsOf(own).find(([kind]) => kind === (input as { kind: unknown }).kind) ?? [];
    entries = ofKind ?? own.entries;
    const next = entries ? entries[key as string] : own.item;
    if (next) part = recordPart(next);
  }
  return Object.keys(entries ?? {});
}
