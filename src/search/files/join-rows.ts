import type { EmbeddingRows } from './embedding-table.js';

/** Several parts as one, with the fields of all of them; a value that a part lacks is null. */
export function joinRows(parts: readonly EmbeddingRows[]): EmbeddingRows {
  if (parts.length === 1) return parts[0];
  const vectors = new Float32Array(parts.reduce((sum, part) => sum + part.vectors.length, 0));
  let end = 0;
  for (const part of parts) {
    vectors.set(part.vectors, end);
    end += part.vectors.length;
  }
  const names = [...new Set(parts.flatMap(({ fields }) => Object.keys(fields)))];
  return {
    ids: parts.flatMap(({ ids }) => ids),
    vectors,
    width: parts[0]?.width ?? 0,
    fields: Object.fromEntries(
      names.map((name) => [name, parts.flatMap(({ ids, fields }) => fields[name] ?? ids.map(() => null))]),
    ),
  };
}
