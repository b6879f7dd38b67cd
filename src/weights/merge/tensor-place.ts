/** A layer in the name of a tensor: what comes before its number, the number, and what comes after it. */
interface LayerName {
  before: string;
  layer: number;
  after: string;
}

/** The layer that a tensor belongs to; undefined outside of layers. */
export function layerOf(name: string): LayerName | undefined {
  const found = /^(.*?\b(?:layers|blocks|layer|h)\.)(\d+)(\..*)$/.exec(name);
  return found ? { before: found[1], layer: Number(found[2]), after: found[3] } : undefined;
}

/** The number of layers of each stack, by what comes before the number. */
export function layerCounts(names: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) {
    const found = layerOf(name);
    if (found) counts.set(found.before, Math.max(counts.get(found.before) ?? 0, found.layer + 1));
  }
  return counts;
}

const OTHER_TOWER = /(^|\.)(visual|vision_model|vision_tower|connector|projector)\./;

/** Whether a tensor is a matrix in a layer of the language model, or the matrices of its experts. */
export function isLanguageMatrix(name: string, shape: readonly number[]): boolean {
  return shape.length >= 2 && layerOf(name) !== undefined && !OTHER_TOWER.test(name);
}
