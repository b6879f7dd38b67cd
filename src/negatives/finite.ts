import { UserError } from '../checks/error.js';

/**
 * Refuse embeddings [rows, width] that are not finite, by name: nothing can be compared with them.
 * @throws UserError that names the first such rows
 */
export function requireFinite(vectors: Float32Array, width: number, nameOf: (row: number) => string): void {
  const rows = new Set<number>();
  vectors.forEach((value, at) => {
    if (!Number.isFinite(value)) rows.add(Math.floor(at / width));
  });
  if (!rows.size) return;
  const names = [...rows].slice(0, 3).map(nameOf).join(', ');
  throw new UserError(
    `${rows.size} of ${vectors.length / width} embeddings are not finite (${names}${rows.size > 3 ? ' ...' : ''}). Train with a lower rate or look at these inputs.`,
  );
}
