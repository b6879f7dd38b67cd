import type { Split } from '../../data/types.js';
import type { RandomStream } from '../../engine/random.js';
import { colours, type Facts, factKey, patterns } from './facts.js';

/** A combination of colour and pattern that occurs only in the test split. */
export type Combination = readonly [colour: string, pattern: string];

/**
 * Choose the combinations held out for the test split, a fraction of all up to 0.5. Every colour keeps at least half of its patterns and
 * every pattern at least half of its colours, so that training still covers each of them.
 */
export function holdOutCombinations(fraction: number, stream: RandomStream): Combination[] {
  const rows = stream.shuffle(colours);
  const columns = stream.shuffle(patterns);
  const wanted = Math.round(fraction * rows.length * columns.length);
  // Alternate between diagonals half a table apart: with 12 rows and 8 columns, each pair covers three cells of every column.
  const diagonals = [0, 4, 1, 5].flatMap((shift) =>
    rows.map((colour, row): Combination => [colour, columns[(row + shift) % columns.length]]),
  );
  return diagonals.slice(0, wanted);
}

/**
 * Assign a split to every product. Products with a held-out combination form the test split; the others are distributed over train, dev and
 * val. Products that look the same stay in one split.
 */
export function splitProducts(
  facts: readonly Facts[],
  heldOut: readonly Combination[],
  fractions: Record<Split, number>,
  stream: RandomStream,
): Split[] {
  const unseen = new Set(heldOut.map(([colour, pattern]) => `${colour}|${pattern}`));
  const isUnseen = (one: Facts) => unseen.has(`${one.colour}|${one.pattern}`);
  const groups = new Map<string, number[]>();
  facts.forEach((one, index) => {
    const key = factKey(one);
    const group = groups.get(key);
    if (group) group.push(index);
    else groups.set(key, [index]);
  });
  const splits = new Array<Split>(facts.length).fill('test');
  const seen = stream.shuffle([...groups.values()].filter(([first]) => !isUnseen(facts[first])));
  const count = seen.reduce((sum, group) => sum + group.length, 0);
  const scale = count / (fractions.train + fractions.dev + fractions.val);
  const bounds: [Split, number][] = [
    ['dev', fractions.dev * scale],
    ['val', (fractions.dev + fractions.val) * scale],
    ['train', Number.POSITIVE_INFINITY],
  ];
  let placed = 0;
  for (const group of seen) {
    const [split] = bounds.find(([, bound]) => placed + group.length / 2 < bound)!;
    for (const index of group) splits[index] = split;
    placed += group.length;
  }
  return splits;
}
