import { UserError } from '../checks/error.js';

/**
 * Check that embeddings [rows, width] are finite.
 * @throws UserError that names the first rows that are not
 */
export function requireFinite(vectors: Float32Array, width: number, nameOf: (row: number) => string): void {
  const rows = new Set<number>();
  vectors.forEach((value, at) => {
    if (!Number.isFinite(value)) rows.add(Math.floor(at / width));
  });
  if (!rows.size) return;
  const names = [...rows].slice(0, 3).map(nameOf).join(', ');
  throw new UserError(
    `${rows.size} of ${vectors.length / width} embeddings are not finite (${names}${rows.size > 3 ? ' ...' : ''}). Train with a lower learning rate or check these inputs.`,
  );
}
