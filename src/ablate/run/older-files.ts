/** What a study's file says, under the names of today: an earlier moon-lab wrote `ground` for `provenance`. */
export function withProvenance(said: unknown): unknown {
  const { ground, ...rest } = said as { ground?: unknown };
  return ground === undefined ? said : { ...rest, provenance: ground };
}
