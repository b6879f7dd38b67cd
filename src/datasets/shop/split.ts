import type { Split } from '../../data/types.js';
import type { RandomStream } from '../../engine/random.js';
import { colours, type Facts, factKey, patterns } from './facts.js';

/** A combination of colour and pattern that no product outside the test split has. */
export type Combination = readonly [colour: string, pattern: string];

/**
 * Combinations held out for the test split, a share of all up to 0.5: every colour keeps at least half of its patterns and
 * every pattern half of its colours, so both stay known from training.
 */
export function holdOutCombinations(fraction: number, stream: RandomStream): Combination[] {
  const rows = stream.shuffle(colours);
  const columns = stream.shuffle(patterns);
  const wanted = Math.round(fraction * rows.length * columns.length);
  // Diagonals half a table apart in turn: with 12 rows and 8 columns, each pair of them takes three cells of every column.
  const diagonals = [0, 4, 1, 5].flatMap((shift) =>
    rows.map((colour, row): Combination => [colour, columns[(row + shift) % columns.length]]),
  );
  return diagonals.slice(0, wanted);
}

/**
 * The split of every product. Products with a held-out combination are the test split; the others are shared out over
 * train, dev and val. Products that look the same stay on one side, so no split has seen another's product.
 */
export function splitProducts(
  facts: readonly Facts[],
  heldOut: readonly Combination[],
  shares: Record<Split, number>,
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
  const scale = count / (shares.train + shares.dev + shares.val);
  const bounds: [Split, number][] = [
    ['dev', shares.dev * scale],
    ['val', (shares.dev + shares.val) * scale],
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
