import { type AnySchema, isRecord } from './schema.js';
import { kindsOf, type Part, partOf, recordPart } from './schema-parts.js';

/**
 * An option with some of it in another way. Of a tagged option that becomes another kind, what both kinds have stays: `{ kind: 'plain' }` on
 * guided experts keeps their count and blocks. Lists and values are replaced whole.
 */
export function mergeOptions(schema: AnySchema, base: unknown, changes: unknown): unknown {
  return merged(recordPart(partOf(schema)), base, changes);
}

function merged(part: Part | undefined, base: unknown, changes: unknown): unknown {
  if (!isRecord(base) || !isRecord(changes)) return changes;
  const kinds = new Map(part ? kindsOf(part) : []);
  const isOther = 'kind' in changes && changes.kind !== base.kind;
  const fields = kinds.get(String(isOther ? changes.kind : base.kind)) ?? part?.entries ?? {};
  const kept = isOther ? Object.keys(base).filter((name) => name !== 'kind' && name in fields) : Object.keys(base);
  return Object.fromEntries(
    [...new Set([...kept, ...Object.keys(changes)])].map((name) => {
      if (!(name in changes)) return [name, base[name]];
      const inner = fields[name] && recordPart(fields[name]);
      return [name, merged(inner, base[name], changes[name])];
    }),
  );
}
