import * as v from 'valibot';
import { type AnySchema, isRecord } from './schema.js';
import { innerPart, kindsOf, type Part, partOf } from './schema-parts.js';

/** One option of a schema: a single value that a user can set. */
export interface Option {
  /** `negatives.temporal.size` */
  path: string;
  /** The kinds of the enclosing tagged options that have this option: `{ "negatives.temporal": ["queue"] }`. */
  when: Readonly<Record<string, readonly string[]>>;
  help: string;
  /** `integer from 1 to 8`, `true | false`, `none | queue`. */
  accepts: string;
  /** Absent if the option has no default. */
  default?: unknown;
  /** What applies if the option is left out and no value stands for that. */
  leftOut?: string;
}

/** List every option of a schema in its order. A tagged option lists its `kind` first, then the fields of each kind. */
export function optionsOf(schema: AnySchema, path = ''): Option[] {
  return listed(partOf(schema), path, {});
}

function listed(part: Part, path: string, when: Option['when']): Option[] {
  const inner = innerPart(part);
  const under = (name: string) => (path ? `${path}.${name}` : name);
  if (inner.entries) return Object.entries(inner.entries).flatMap(([name, each]) => listed(each, under(name), when));
  if (inner.either) {
    const { field, otherwise, has, lacks } = inner.either;
    return [
      ...listed(has, path, when).map((each) => (each.path === under(field) ? { ...each, leftOut: otherwise } : each)),
      ...listed(lacks, path, when),
    ];
  }
  const kinds = kindsOf(inner);
  if (!kinds.length) return [{ path, when, ...described(part) }];
  const { help, default: preset } = described(part);
  const accepts = kinds.map(([kind]) => kind).join(' | ');
  return [
    { path: under('kind'), when, help, accepts, ...(isRecord(preset) ? { default: preset.kind } : {}) },
    ...fieldsOf(kinds).flatMap(({ name, field, of }) => listed(field, under(name), { ...when, [path]: of })),
  ];
}

/** The fields of a tagged option. A field that several kinds share is listed once. */
function fieldsOf(kinds: ReturnType<typeof kindsOf>): { name: string; field: Part; of: string[] }[] {
  const fields: { name: string; field: Part; of: string[] }[] = [];
  for (const [kind, entries] of kinds)
    for (const [name, field] of Object.entries(entries)) {
      const known = fields.find((each) => each.name === name && each.field === field);
      if (known) known.of.push(kind);
      else if (name !== 'kind') fields.push({ name, field, of: [kind] });
    }
  return fields;
}

function described(part: Part): Omit<Option, 'path' | 'when'> {
  const schema = (part.wrapped ?? part) as unknown as v.GenericSchema;
  const { accepts, leftOut } = v.getMetadata(schema) as { accepts: string; leftOut?: string };
  return {
    help: v.getDescription(schema) ?? '',
    accepts,
    ...(part.default === undefined ? {} : { default: part.default }),
    ...(leftOut === undefined ? {} : { leftOut }),
  };
}
