import { type RandomStream, randomStream } from '../../engine/random.js';
import { type FactName, type Facts, shopAttributes, valuesOf } from './facts.js';
import type { Shop } from './shop-type.js';
import { shopSynonyms } from './words.js';

/** Facts that a summary states, in the order of its words. */
export const summaryFacts: readonly SummaryFact[] = ['colour', 'pattern', 'material', 'category'];
export type SummaryFact = 'colour' | 'pattern' | 'material' | 'category';

/** What the seller of a product writes, and what may be said of it in short. */
export interface SellerText {
  /** Long, with repetitions and with values of other products. */
  description: string;
  /** Facts of the summary that the description leaves to the photo. */
  omitted: readonly SummaryFact[];
  /** Short texts that state the same four facts in other words. */
  summaries: readonly [string, string, string];
}

/** Facts of a summary that a description leaves out. */
const OMITTED = 2;

const brands = ['Norvik', 'Lumo', 'Arden', 'Pella', 'Kestrel', 'Tavira', 'Osmo', 'Brisa'];

const openings = [
  'Discover the new {category} by {brand}.',
  '{brand} presents its latest {category}.',
  'A {category} that you will want to keep, designed by {brand}.',
  'This {category} was made by {brand} for every day.',
];

/** Sentences that state a fact. */
const statements: Record<FactName, readonly string[]> = {
  category: ['A fine {value} for your home.', 'You are looking at a {value}.'],
  shape: ['The shape is {value}.', 'Its form: {value}.'],
  colour: ['It comes in {value}.', 'The colour is {value}.'],
  accent: ['Details in {value} set it off.', 'It has {value} trim.'],
  pattern: ['The surface is {value}.', 'Look: {value}.'],
  material: ['Made of {value}.', 'We chose {value} for it.'],
  size: ['The size is {value}.', 'It is {value} in size.'],
};

/** Sentences that name values which are not the product's. */
const options: Partial<Record<FactName, readonly string[]>> = {
  colour: ['Also sold in {value}.', 'Many buyers like it in {value} too.'],
  pattern: ['Ask for the {value} version.', 'Next season it will be {value}.'],
  material: ['A {value} edition will follow.', 'Not to be confused with our {value} model.'],
};

const talk = [
  'Order today and receive it within two days.',
  'Our customers give it five stars.',
  'Returns are free for one month.',
  'The perfect gift for people you love.',
  'Only a few pieces are left in stock.',
  'Join our club and save ten percent.',
  'Every order is packed by hand.',
];

/**
 * The seller's text of every product of a shop, with photos in mind: it omits two of the four facts of its summary, so that nobody can write the
 * summary from the text alone, nor from the photo what the photo hides. Nothing else of the shop changes.
 */
export function sellerTexts({ facts, settings }: Shop): ReadonlyMap<string, SellerText> {
  return new Map(
    [...facts].map(([id, own]) => [id, sellerText(own, randomStream(settings.seed, `shop seller ${id}`))]),
  );
}

/** The shop whose products have their seller's text as description, and the first of the short texts as summary. */
export function withSellerTexts(shop: Shop, texts = sellerTexts(shop)): Shop {
  const products = shop.products.map((product) => {
    const { description, summaries } = texts.get(product.id)!;
    return { ...product, description, summary: summaries[0] };
  });
  return { ...shop, products };
}

function sellerText(facts: Facts, stream: RandomStream): SellerText {
  const omitted: readonly string[] = stream
    .shuffle(summaryFacts.filter((name) => name !== 'category'))
    .slice(0, OMITTED);
  const told = shopAttributes.filter((name) => !omitted.includes(name));
  const say = (templates: readonly string[], value: string) => stream.pick(templates).replace('{value}', value);
  const opening = stream.pick(openings).replace('{category}', facts.category).replace('{brand}', stream.pick(brands));
  const stated = told.map((name) => say(statements[name], worded(facts, name, stream)));
  const repeated = stream
    .shuffle(['category' as const, ...told])
    .slice(0, 2)
    .map((name) => say(statements[name], worded(facts, name, stream)));
  const others = (Object.keys(options) as FactName[]).map((name) => {
    const values = valuesOf(facts.category, name as (typeof shopAttributes)[number]);
    return say(options[name]!, stream.pick(values.filter((value) => value !== facts[name])));
  });
  const extra = stream.shuffle(talk).slice(0, 3);
  return {
    description: [opening, ...stream.shuffle([...stated, ...repeated, ...others, ...extra])].join(' '),
    omitted: summaryFacts.filter((name) => omitted.includes(name)),
    summaries: [0, 1, 2].map((at) => summaryOf(facts, at, stream)) as [string, string, string],
  };
}

/** The value itself, or a synonym of it. */
function worded(facts: Facts, name: FactName, stream: RandomStream): string {
  return stream.pick([facts[name], facts[name], ...shopSynonyms[name][facts[name]]]);
}

/** @param at which of the references: the first in plain words, the others with synonyms and another order */
function summaryOf(facts: Facts, at: number, stream: RandomStream): string {
  const word = (name: SummaryFact) => (at === 0 ? facts[name] : worded(facts, name, stream));
  const [colour, pattern, material, category] = summaryFacts.map(word);
  return [
    `${colour} ${pattern} ${category} made of ${material}`,
    `${category} of ${material}, ${colour} and ${pattern}`,
    `${pattern} ${category} in ${colour} ${material}`,
  ][at];
}
