import type { RandomStream } from '../../engine/random.js';
import { type FactName, type Facts, shopAttributes } from './facts.js';

/** Replaces the words of a withheld fact in a text. */
export const shopMask = '[mask]';

/** Fact -> value -> synonyms. No word stands for two values of a fact or for two facts. */
export const shopSynonyms: Record<FactName, Record<string, string[]>> = {
  category: {
    't-shirt': ['tee'],
    sweater: ['jumper', 'pullover'],
    trousers: ['pants', 'slacks'],
    shorts: ['short pants'],
    dress: ['frock', 'gown'],
    skirt: ['kilt'],
    sneaker: ['trainer', 'running shoe'],
    boot: ['bootie'],
    pump: ['court shoe', 'heel'],
    handbag: ['purse'],
    backpack: ['rucksack', 'knapsack'],
    tote: ['shopping bag'],
    watch: ['wristwatch', 'timepiece'],
    hat: ['headwear'],
    umbrella: ['brolly', 'parasol'],
    mug: ['cup'],
    goblet: ['stemware'],
    bottle: ['flask'],
    teapot: ['tea kettle'],
    saucepan: ['cooking pot'],
    bowl: ['basin'],
    plate: ['dish'],
    jar: ['canister'],
    'table lamp': ['desk lamp'],
    'pendant lamp': ['hanging lamp', 'ceiling light'],
    chair: ['dining seat'],
    armchair: ['easy chair'],
    stool: ['tabouret'],
    vase: ['flower holder', 'urn'],
    clock: ['wall timer'],
    cushion: ['pillow'],
  },
  shape: {
    'crew-neck': ['crewneck'],
    'v-neck': ['vneck'],
    'round-neck': ['roundneck'],
    turtleneck: ['roll-neck'],
    hooded: ['hoodie'],
    straight: ['upright'],
    skinny: ['slim-fit'],
    'wide-leg': ['baggy'],
    knee: ['bermuda'],
    'a-line': ['swing'],
    pencil: ['bodycon'],
    mermaid: ['fishtail'],
    flared: ['full'],
    pleated: ['folded'],
    'low-top': ['low-cut'],
    'high-top': ['high-cut'],
    'slip-on': ['laceless'],
    'knee-high': ['tall-shaft'],
    cowboy: ['western'],
    stiletto: ['spike'],
    'block-heel': ['chunky'],
    wedge: ['platform'],
    trapeze: ['trapezoid'],
    'half-moon': ['crescent'],
    barrel: ['duffle'],
    rounded: ['bulbous'],
    boxy: ['box-shaped'],
    'roll-top': ['rolltop'],
    square: ['four-sided'],
    tapered: ['narrowing'],
    shopper: ['landscape'],
    round: ['circular'],
    octagonal: ['eight-sided'],
    baseball: ['peaked'],
    bucket: ['brimmed'],
    beanie: ['bobble'],
    domed: ['dome'],
    flat: ['low-profile'],
    slender: ['slim'],
    broad: ['wide-bodied'],
    conical: ['cone'],
    bell: ['bell-shaped'],
    globe: ['spherical'],
    slatted: ['ladder-back'],
    winged: ['wingback'],
    tub: ['barrel-back'],
    pedestal: ['single-leg'],
    cube: ['cubic'],
    amphora: ['two-handled'],
    polo: ['collared'],
    ankle: ['low-shaft'],
    tulip: ['tulip-shaped'],
    flute: ['fluted'],
    tall: ['high'],
    squat: ['stout'],
    deep: ['high-sided'],
    shallow: ['low-sided'],
    sloped: ['slanted'],
    footed: ['raised'],
    drum: ['cylindrical'],
    'square-back': ['straight-back'],
    'round-back': ['oval-back'],
    'three-legged': ['tripod'],
    bolster: ['roll-shaped'],
    pagoda: ['pointed'],
  },
  colour: {
    red: ['scarlet', 'crimson'],
    orange: ['tangerine'],
    brown: ['chocolate'],
    beige: ['sand'],
    olive: ['khaki'],
    green: ['emerald'],
    teal: ['petrol'],
    blue: ['azure'],
    navy: ['midnight'],
    purple: ['violet'],
    pink: ['rose'],
    grey: ['gray'],
  },
  accent: { white: ['ivory'], black: ['ebony'], gold: ['golden'], mint: ['aqua'] },
  pattern: {
    plain: ['solid', 'unpatterned'],
    striped: ['banded'],
    pinstriped: ['pinstripe'],
    dotted: ['polka-dot', 'spotted'],
    checked: ['gingham', 'plaid'],
    zigzag: ['chevron'],
    floral: ['flowered'],
    ombre: ['gradient'],
  },
  material: {
    cotton: ['canvas'],
    knit: ['woollen', 'knitted'],
    denim: ['jean'],
    leather: ['hide'],
    steel: ['metal', 'stainless'],
    ceramic: ['porcelain'],
    wood: ['wooden', 'timber'],
    glass: ['crystal'],
    wicker: ['rattan'],
  },
  size: { small: ['mini', 'compact'], medium: ['mid-size'], large: ['big', 'oversized'] },
};

const brands = ['Norvik', 'Lumo', 'Arden', 'Pella', 'Kestrel', 'Tavira', 'Osmo', 'Brisa', 'Halden', 'Mirelle'];
const salesTalk = [
  'new',
  'bestseller',
  'original',
  'gift idea',
  'fast delivery',
  'premium',
  'limited',
  'official',
  'sale',
];

/** Word order of a clean title: "small red striped tapered ceramic mug with gold trim". */
const wordOrder: readonly FactName[] = ['size', 'colour', 'pattern', 'shape', 'material', 'category', 'accent'];

export interface WordStyle {
  titleNoise: number;
  synonyms: number;
  leftOut: number;
  withhold: readonly FactName[];
}

/** Write a product's title: always the category, most attributes, and words that say nothing about the product. */
export function writeTitle(facts: Facts, style: WordStyle, stream: RandomStream): string {
  const told = wordOrder.filter((name) => name === 'category' || stream.uniform() >= style.leftOut);
  const phrases = told.map((name) => phraseOf(facts, name, style, stream));
  const ordered = stream.uniform() < style.titleNoise ? stream.shuffle(phrases) : phrases;
  const brand = stream.uniform() < style.titleNoise ? [stream.pick(brands)] : [];
  const talk = stream.shuffle(salesTalk).filter((_, i) => i < 3 && stream.uniform() < style.titleNoise);
  return [...brand, ...ordered, ...talk].join(' ');
}

/** Write a query text that names the given facts, in the order of a clean title. */
export function writeQuery(facts: Facts, named: readonly FactName[], style: WordStyle, stream: RandomStream): string {
  return wordOrder
    .filter((name) => named.includes(name))
    .map((name) => phraseOf(facts, name, style, stream))
    .join(' ');
}

/** Sample the attributes that a query names: all of them, or one to three. */
export function sampleNamed(attributeHeavy: number, stream: RandomStream): FactName[] {
  const order = stream.shuffle(shopAttributes);
  const few = 1 + stream.integer(3);
  return stream.uniform() < attributeHeavy ? [...shopAttributes] : order.slice(0, few);
}

/** Consumes the same random numbers whether or not the fact is withheld, so that all other words stay the same. */
function phraseOf(facts: Facts, name: FactName, style: WordStyle, stream: RandomStream): string {
  const other = stream.pick(shopSynonyms[name][facts[name]]);
  const word = stream.uniform() < style.synonyms ? other : facts[name];
  if (style.withhold.includes(name)) return shopMask;
  return name === 'accent' ? `with ${word} trim` : word;
}
