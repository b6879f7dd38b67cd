import { shopSynonyms } from '../datasets/shop/words.js';

/**
 * Other words for a label, written by hand from the texts of the data sets: what gives the label away though it does not spell it.
 * Keys in lower case. Plurals and hyphens need no entry (`wordMask`).
 */
const written: Record<string, string[]> = {
  // Fashion: gender
  men: ['man', 'mens', 'male', 'gents', 'gentleman', 'gentlemen', 'him', 'his'],
  women: ['woman', 'womens', 'female', 'lady', 'ladies', 'her'],
  // Fashion: colours
  grey: ['gray', 'charcoal', 'melange'],
  'navy blue': ['navy'],
  'off white': ['offwhite', 'ivory'],
  multi: ['multicolour', 'multicolor', 'multicoloured', 'multicolored'],
  gold: ['golden'],
  silver: ['silvery'],
  // Fashion: types
  tshirts: ['tee', 'polo', 'polos'],
  jeans: ['denim'],
  sweatshirts: ['hoodie', 'hoody'],
  sweaters: ['pullover', 'jumper', 'cardigan'],
  'sports shoes': ['sneaker', 'trainer', 'running shoe'],
  'casual shoes': ['sneaker', 'loafer', 'moccasin'],
  'formal shoes': ['oxford', 'derby', 'brogue'],
  heels: ['pump', 'stiletto', 'wedge'],
  flats: ['ballerina'],
  'flip flops': ['slipper', 'thong'],
  sunglasses: ['shades', 'aviator', 'wayfarer'],
  handbags: ['purse', 'tote', 'satchel', 'hobo'],
  backpacks: ['rucksack'],
  wallets: ['purse', 'card holder'],
  trousers: ['pant', 'chino'],
  'track pants': ['trackpant', 'jogger'],
  kurtas: ['kurti', 'kurta'],
  kurtis: ['kurti', 'kurta'],
  'innerwear vests': ['vest', 'singlet'],
  briefs: ['brief', 'underwear'],
  trunk: ['underwear', 'boxer'],
  'perfume and body mist': ['eau de toilette', 'eau de parfum', 'edt', 'edp', 'fragrance', 'cologne'],
  deodorant: ['deo', 'body spray'],
  watches: ['chronograph', 'timepiece'],
  tops: ['blouse', 'camisole'],
  // Grocery
  satsumas: ['mandarin', 'clementine', 'tangerine'],
  zucchini: ['courgette'],
  aubergine: ['eggplant'],
  'red beet': ['beetroot'],
  pepper: ['paprika', 'capsicum'],
  cantaloupe: ['muskmelon'],
  yoghurt: ['yogurt', 'yoghurts'],
  soyghurt: ['soygurt', 'soy yoghurt'],
  oatghurt: ['oatgurt', 'oat yoghurt'],
  'sour milk': ['filmjölk', 'soured milk'],
  'sour cream': ['soured cream', 'gräddfil', 'creme fraiche'],
  'soured milk': ['sour milk', 'sour cream'],
  organic: ['ecological', 'eco', 'krav'],
};

/** Words of the generated shop by value, whatever the fact. */
const generated = Object.values(shopSynonyms);

/** Other words for these labels. */
export function aliasesOf(labels: readonly string[]): string[] {
  return labels.flatMap((label) => {
    const key = label.toLowerCase();
    const ofShop = generated.flatMap((values) => (Object.hasOwn(values, key) ? values[key] : []));
    return [...(Object.hasOwn(written, key) ? written[key] : []), ...ofShop];
  });
}
