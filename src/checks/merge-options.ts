import { type AnySchema, isRecord } from './schema.js';
import { chosenPart, kindsOf, type Part, partOf, recordPart } from './schema-parts.js';

/**
 * Merge changes into an option. Lists and plain values are replaced entirely. If a tagged option changes its kind, the fields that both
 * kinds have keep their values: `{ kind: 'plain' }` on guided experts keeps their count and blocks. A record that changes sides
 * (`eitherRecord`) is replaced entirely.
 */
export function mergeOptions(schema: AnySchema, base: unknown, changes: unknown): unknown {
  return merged(recordPart(partOf(schema)), base, changes);
}

function merged(either: Part | undefined, base: unknown, changes: unknown): unknown {
  if (!isRecord(base) || !isRecord(changes)) return changes;
  const part = either && chosenPart(either, base);
  if (either?.either && part === either.either.lacks && chosenPart(either, changes) !== part) return changes;
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
