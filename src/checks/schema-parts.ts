import type { AnySchema } from './schema.js';

/** A schema of schema.ts as far as it is walked through. */
export interface Part {
  kind: string;
  type: string;
  pipe?: readonly (Part & { requirement?: unknown })[];
  /** Of what may be left out. */
  wrapped?: Part;
  default?: unknown;
  /** Of a record. */
  entries?: Readonly<Record<string, Part>>;
  /** Of a tagged option, a record for each kind; of a choice, its names. */
  options?: readonly (Part | string)[];
  /** Of a list. */
  item?: Part;
  /** Of the field `kind`. */
  literal?: string;
}

export const partOf = (schema: AnySchema): Part => schema as unknown as Part;

/** The part behind what may be left out, and behind the guard that it is a record at all. */
export function innerPart(part: Part): Part {
  if (part.wrapped) return innerPart(part.wrapped);
  return part.pipe?.slice(1).find(({ kind }) => kind === 'schema') ?? part;
}

/** Records of a tagged option by kind. */
export function kindsOf({ type, options = [] }: Part): [kind: string, fields: Readonly<Record<string, Part>>][] {
  if (type !== 'variant') return [];
  return (options as readonly Part[]).map(({ entries = {} }) => [entries.kind.literal!, entries]);
}

/** The record behind one that is described as a whole (`table`). */
export function recordPart(part: Part): Part {
  const inner = innerPart(part);
  const [first] = inner.pipe ?? [];
  return inner.entries || !first?.pipe ? inner : innerPart(first);
}

/** Names that are known beside the last of a path. */
export function namesAt(schema: AnySchema, path: readonly { key: unknown; input: unknown }[]): string[] {
  let part = innerPart(partOf(schema));
  let entries: Readonly<Record<string, Part>> | undefined;
  for (const { key, input } of path) {
    const [, ofKind] = kindsOf(part).find(([kind]) => kind === (input as { kind: unknown }).kind) ?? [];
    entries = ofKind ?? part.entries;
    const next = entries ? entries[key as string] : part.item;
    if (next) part = recordPart(next);
  }
  return Object.keys(entries ?? {});
}
