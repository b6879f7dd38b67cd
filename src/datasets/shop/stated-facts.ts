import { type FactName, type Facts, factNames } from './facts.js';
import { shopSynonyms } from './words.js';

/** What a text says about a product of the shop: facts whose value it names, those of which it names another value, and those that it leaves out. */
export interface StatedFacts {
  right: FactName[];
  /** A fact that a text states twice, once rightly, is in both. */
  wrong: FactName[];
  unsaid: FactName[];
}

/** Words of a value, and what they stand for. */
interface Phrase {
  words: string[];
  fact: FactName;
  value: string;
}

/** Longer phrases first: "short pants" are shorts, "pants" are trousers. */
const phrases: readonly Phrase[] = factNames
  .flatMap((fact) =>
    Object.entries(shopSynonyms[fact]).flatMap(([value, synonyms]) =>
      [value, ...synonyms].map((text): Phrase => ({ words: text.split(' '), fact, value })),
    ),
  )
  .sort((a, b) => b.words.length - a.words.length);

const byFirst = new Map<string, Phrase[]>();
for (const phrase of phrases) byFirst.set(phrase.words[0], [...(byFirst.get(phrase.words[0]) ?? []), phrase]);

/**
 * Compare what a text states with a product's facts. The words of the shop stand for one value of one fact each, so that every statement can be judged;
 * other words say nothing.
 * @param facts of the product that the text is about
 */
export function statedFacts(text: string, facts: Facts): StatedFacts {
  const stated = namedValues(text);
  const valuesOf = (fact: FactName) => stated.get(fact) ?? [];
  return {
    right: factNames.filter((fact) => valuesOf(fact).includes(facts[fact])),
    wrong: factNames.filter((fact) => valuesOf(fact).some((value) => value !== facts[fact])),
    unsaid: factNames.filter((fact) => !valuesOf(fact).length),
  };
}

/** The values that a text names of each fact, in the order of its words. */
export function namedValues(text: string): ReadonlyMap<FactName, readonly string[]> {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+(?:-[\p{L}\p{N}]+)*/gu) ?? [];
  const named = new Map<FactName, Set<string>>();
  for (let at = 0; at < words.length; ) {
    const found = byFirst
      .get(words[at])
      ?.find((phrase) => phrase.words.every((word, place) => words[at + place] === word));
    if (found) named.set(found.fact, (named.get(found.fact) ?? new Set()).add(found.value));
    at += found?.words.length ?? 1;
  }
  return new Map([...named].map(([fact, values]) => [fact, [...values]]));
}
