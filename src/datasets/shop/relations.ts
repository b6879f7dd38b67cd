import { UserError, wrongOption } from '../../checks/error.js';
import { groupBy } from '../../data/group-by.js';
import { type RandomStream, randomStream } from '../../engine/random.js';
import type { Facts } from './facts.js';
import type { Shop } from './shop-type.js';

/** What goes with what, by leaf category: the first needs or suits the second. Not symmetric. */
const goesWith: Readonly<Record<string, readonly string[]>> = {
  't-shirt': ['shorts', 'sneaker'],
  sweater: ['trousers', 'hat'],
  trousers: ['sneaker', 'boot'],
  shorts: ['sneaker', 'backpack'],
  dress: ['pump', 'handbag'],
  skirt: ['pump', 'tote'],
  sneaker: ['backpack', 'hat'],
  boot: ['umbrella', 'hat'],
  pump: ['handbag', 'watch'],
  handbag: ['watch', 'umbrella'],
  backpack: ['bottle', 'umbrella'],
  tote: ['bottle', 'hat'],
  mug: ['teapot', 'plate'],
  goblet: ['bottle', 'bowl'],
  teapot: ['mug', 'jar'],
  saucepan: ['bowl', 'plate'],
  bowl: ['plate', 'mug'],
  jar: ['bowl', 'saucepan'],
  'table lamp': ['clock', 'vase'],
  'pendant lamp': ['chair', 'stool'],
  chair: ['cushion', 'table lamp'],
  armchair: ['cushion', 'table lamp'],
  stool: ['cushion', 'clock'],
  vase: ['clock', 'table lamp'],
};

const rules = {
  /** The same leaf, material and size: either would do. */
  substitute: (a: Facts, b: Facts) => a.category === b.category && a.material === b.material && a.size === b.size,
  /** A leaf that goes with the first one's, in its accent, and with its pattern or its colour. */
  complement: (a: Facts, b: Facts) =>
    (goesWith[a.category]?.includes(b.category) ?? false) &&
    a.accent === b.accent &&
    (a.pattern === b.pattern || a.colour === b.colour),
};

export type ShopRelation = keyof typeof rules;

export interface ShopRelationOptions {
  /** Edges of training of each relation. */
  edges: number;
  /** Fraction of the edges of training whose second item is any one, by popularity. */
  wrong: number;
  /** Exponent of popularity: item number r in a random order is drawn in proportion to r^-tail. */
  tail: number;
  /** Fraction of the items that no edge of training touches. */
  edgeless: number;
  /** Right edges of each relation that are held out for `dev` and as many for `val`; as many more for edgeless first items. */
  heldOut: number;
  seed?: number;
}

/** So many draws in a row that give no new edge mean that hardly any is left. */
const MISSES = 2000;

/** Links of one relation by rows of the shop's products. */
export interface ShopLinks {
  train: [number, number][];
  /** Of each edge of training, whether it breaks the rule. */
  isWrong: boolean[];
  dev: [number, number][];
  val: [number, number][];
  /** Of first items that training has no edges of. */
  edgeless: [number, number][];
}

/** Whether two products of a shop are related, by what is drawn. */
export const areRelated = (relation: ShopRelation, first: Facts, second: Facts): boolean =>
  rules[relation](first, second);

/**
 * Draw links between the products of a shop: what people looked at together (substitutes) and bought together (complements). Substitutes have no
 * direction and stand in one; no pair is both in training and held out.
 * @throws UserError for an option out of range, or a shop with too few related products
 */
export function shopLinks(
  shop: Shop,
  relation: ShopRelation,
  { edges, wrong, tail, edgeless, heldOut, seed = 0 }: ShopRelationOptions,
): ShopLinks {
  for (const [name, value] of Object.entries({ wrong, edgeless }))
    if (!(value >= 0 && value < 1)) throw wrongOption(name, value, 'a fraction from 0 to below 1');
  const stream = randomStream(seed, `shop links ${relation}`);
  const facts = shop.products.map(({ id }) => shop.facts.get(id)!);
  const count = facts.length;
  const places = stream.shuffle([...facts.keys()]);
  const weights = new Float64Array(count);
  for (const [place, row] of places.entries()) weights[row] = (place + 1) ** -tail;
  const isCold = new Uint8Array(count);
  for (const row of stream.shuffle([...facts.keys()]).slice(0, Math.round(edgeless * count))) isCold[row] = 1;
  const partners = partnersOf(facts, relation);
  const warm = [...facts.keys()].filter((row) => !isCold[row]);
  const cold = [...facts.keys()].filter((row) => isCold[row]);
  const [anyone, first, coldFirst] = [warm, warm.filter(hasWarm), cold.filter(hasWarm)].map((rows) =>
    weightedPick(rows, weights),
  );
  function hasWarm(row: number): boolean {
    return partners(row).some((other) => !isCold[other]);
  }
  const taken = new Set<number>();
  const rightEdge = (pick: (stream: RandomStream) => number, firstStays = false): [number, number] | undefined => {
    const from = pick(stream);
    const to = weightedPick(
      partners(from).filter((other) => !isCold[other]),
      weights,
    )(stream);
    // Substitutes stand once, in the order of their rows, unless the first one is the question.
    const turned = relation === 'substitute' && !firstStays && from > to;
    return claim(turned ? [to, from] : [from, to]);
  };
  const claim = ([from, to]: [number, number]): [number, number] | undefined => {
    const keys = relation === 'substitute' ? [from * count + to, to * count + from] : [from * count + to];
    if (keys.some((key) => taken.has(key))) return undefined;
    for (const key of keys) taken.add(key);
    return [from, to];
  };
  const some = (wanted: number, draw: () => [number, number] | undefined): [number, number][] => {
    const found: [number, number][] = [];
    for (let missed = 0; found.length < wanted; missed++) {
      if (missed > MISSES)
        throw new UserError(
          `${relation}: this shop of ${count} products has ${found.length} of ${wanted} pairs. Ask for fewer edges, or more products.`,
        );
      const edge = draw();
      if (!edge) continue;
      found.push(edge);
      missed = 0;
    }
    return found;
  };
  const dev = some(heldOut, () => rightEdge(first));
  const val = some(heldOut, () => rightEdge(first));
  const fromCold = edgeless ? some(heldOut, () => rightEdge(coldFirst, true)) : [];
  const wrongOnes = Math.round(wrong * edges);
  const right = some(edges - wrongOnes, () => rightEdge(first));
  const broken = some(wrongOnes, () => {
    const [from, to] = [anyone(stream), anyone(stream)];
    return from === to || areRelated(relation, facts[from], facts[to]) ? undefined : claim([from, to]);
  });
  const mixed = stream.shuffle([
    ...right.map((edge) => ({ edge, isWrong: false })),
    ...broken.map((edge) => ({ edge, isWrong: true })),
  ]);
  return {
    train: mixed.map(({ edge }) => edge),
    isWrong: mixed.map(({ isWrong }) => isWrong),
    dev,
    val,
    edgeless: fromCold,
  };
}

/** The rows of products that are related to one, by what the rule looks up. */
function partnersOf(facts: readonly Facts[], relation: ShopRelation): (row: number) => readonly number[] {
  const byLeaf = groupBy(facts.keys(), (row) => facts[row].category);
  const found = new Map<number, readonly number[]>();
  return (row) => {
    const known = found.get(row);
    if (known) return known;
    const own = facts[row];
    const leaves = relation === 'substitute' ? [own.category] : (goesWith[own.category] ?? []);
    const partners = leaves.flatMap((leaf) =>
      (byLeaf.get(leaf) ?? []).filter((other) => other !== row && areRelated(relation, own, facts[other])),
    );
    found.set(row, partners);
    return partners;
  };
}

/** Draws a row in proportion to its weight. */
function weightedPick(rows: readonly number[], weights: Float64Array): (stream: RandomStream) => number {
  const sums = new Float64Array(rows.length);
  let sum = 0;
  for (const [at, row] of rows.entries()) sums[at] = sum += weights[row];
  return (stream) => {
    const target = stream.uniform() * sum;
    let [low, high] = [0, rows.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle] > target) high = middle;
      else low = middle + 1;
    }
    return rows[low];
  };
}
