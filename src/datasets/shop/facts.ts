import type { RandomStream } from '../../engine/random.js';
import { shapesOf } from './drawing/forms/index.js';

/** The attributes of a generated product. Each is visible in the drawing. */
export const shopAttributes = ['shape', 'colour', 'accent', 'pattern', 'material', 'size'] as const;
export type ShopAttribute = (typeof shopAttributes)[number];

/** A fact about a product that texts can name and that can be withheld from them. */
export type FactName = 'category' | ShopAttribute;

/** All facts of a product: its leaf category and one value per attribute. */
export type Facts = Record<FactName, string>;

export const factNames: readonly FactName[] = ['category', ...shopAttributes];

export const colours = [
  'red',
  'orange',
  'brown',
  'beige',
  'olive',
  'green',
  'teal',
  'blue',
  'navy',
  'purple',
  'pink',
  'grey',
] as const;
/** Colours of trims and pattern ink. Disjoint from `colours`, so that neither reveals the other when it is withheld. */
const accents = ['white', 'black', 'gold', 'mint'] as const;
export const patterns = ['plain', 'striped', 'pinstriped', 'dotted', 'checked', 'zigzag', 'floral', 'ombre'] as const;
const sizes = ['small', 'medium', 'large'] as const;
const materials = ['cotton', 'knit', 'denim', 'leather', 'steel', 'ceramic', 'wood', 'glass', 'wicker'] as const;

type Material = (typeof materials)[number];
const soft: Material[] = ['cotton', 'knit', 'denim', 'leather'];
const carried: Material[] = ['cotton', 'denim', 'leather', 'wicker'];
const hard: Material[] = ['steel', 'ceramic', 'wood', 'glass'];
const furnishing: Material[] = ['leather', 'knit', 'wood', 'wicker'];

/** Top category -> second level -> leaf categories with the materials of their products. */
const tree: Record<string, Record<string, { materials: Material[]; leaves: string[] }>> = {
  clothing: {
    tops: { materials: soft, leaves: ['t-shirt', 'sweater'] },
    bottoms: { materials: soft, leaves: ['trousers', 'shorts'] },
    'dresses and skirts': { materials: soft, leaves: ['dress', 'skirt'] },
  },
  accessories: {
    shoes: { materials: soft, leaves: ['sneaker', 'boot', 'pump'] },
    bags: { materials: carried, leaves: ['handbag', 'backpack', 'tote'] },
    'small accessories': { materials: carried, leaves: ['watch', 'hat', 'umbrella'] },
  },
  kitchen: {
    drinkware: { materials: hard, leaves: ['mug', 'goblet', 'bottle'] },
    cookware: { materials: hard, leaves: ['teapot', 'saucepan'] },
    tableware: { materials: hard, leaves: ['bowl', 'plate', 'jar'] },
  },
  home: {
    lighting: { materials: ['steel', 'glass', 'cotton', 'wicker'], leaves: ['table lamp', 'pendant lamp'] },
    furniture: { materials: furnishing, leaves: ['chair', 'armchair', 'stool'] },
    decoration: { materials: hard, leaves: ['vase', 'clock'] },
    textiles: { materials: soft, leaves: ['cushion'] },
  },
};

interface Leaf {
  /** Root to leaf. */
  path: string[];
  values: Record<ShopAttribute, readonly string[]>;
}

const leafOf: ReadonlyMap<string, Leaf> = new Map(
  Object.entries(tree).flatMap(([top, seconds]) =>
    Object.entries(seconds).flatMap(([second, group]) =>
      group.leaves.map((leaf): [string, Leaf] => [
        leaf,
        {
          path: [top, second, leaf],
          values: {
            shape: shapesOf(leaf),
            colour: colours,
            accent: accents,
            pattern: patterns,
            material: group.materials,
            size: sizes,
          },
        },
      ]),
    ),
  ),
);

export const shopLeaves: readonly string[] = [...leafOf.keys()];

/** Root to leaf. */
export function categoryPath(leaf: string): string[] {
  return leafOf.get(leaf)!.path;
}

/** The possible values of an attribute in a leaf category. A leaf has 13,824 combinations. */
export function valuesOf(leaf: string, attribute: ShopAttribute): readonly string[] {
  return leafOf.get(leaf)!.values[attribute];
}

/** Sample facts uniformly: a leaf category, then each attribute independently. */
export function randomFacts(stream: RandomStream): Facts {
  const category = stream.pick(shopLeaves);
  const value = (attribute: ShopAttribute) => stream.pick(valuesOf(category, attribute));
  return {
    category,
    shape: value('shape'),
    colour: value('colour'),
    accent: value('accent'),
    pattern: value('pattern'),
    material: value('material'),
    size: value('size'),
  };
}

/** Change one random attribute to another value. */
function changeOne(facts: Facts, stream: RandomStream): Facts {
  const attribute = stream.pick(shopAttributes);
  const others = valuesOf(facts.category, attribute).filter((value) => value !== facts[attribute]);
  return { ...facts, [attribute]: stream.pick(others) };
}

/**
 * Sample the facts of `count` products. With probability `nearIdentical` a product copies an earlier product of the same leaf category and
 * changes one attribute, so that the most similar wrong product differs in one attribute only.
 */
export function sampleFacts(count: number, nearIdentical: number, stream: RandomStream): Facts[] {
  const shelves = new Map<string, Facts[]>();
  return Array.from({ length: count }, () => {
    const fresh = randomFacts(stream);
    const shelf = shelves.get(fresh.category) ?? [];
    shelves.set(fresh.category, shelf);
    const facts = shelf.length > 0 && stream.uniform() < nearIdentical ? changeOne(stream.pick(shelf), stream) : fresh;
    shelf.push(facts);
    return facts;
  });
}

/** Join the values of the named facts into a key. Equal keys mean that these facts cannot distinguish the products. */
export function factKey(facts: Facts, names: readonly FactName[] = factNames): string {
  return names.map((name) => facts[name]).join('|');
}
