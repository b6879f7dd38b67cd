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
  const named = new Map<FactName, Set<string>>();
  for (const { phrase } of phrasesIn(text))
    named.set(phrase.fact, (named.get(phrase.fact) ?? new Set()).add(phrase.value));
  return new Map([...named].map(([fact, values]) => [fact, [...values]]));
}

/** A piece of a text. `isTrue` is set where it names a value. */
export interface JudgedPart {
  text: string;
  isTrue?: boolean;
}

/** A text in pieces, of which those that name a value are judged. The pieces together are the text. */
export function judgedParts(text: string, facts: Facts): JudgedPart[] {
  const parts: JudgedPart[] = [];
  let at = 0;
  for (const { phrase, start, end } of phrasesIn(text)) {
    if (start > at) parts.push({ text: text.slice(at, start) });
    parts.push({ text: text.slice(start, end), isTrue: facts[phrase.fact] === phrase.value });
    at = end;
  }
  return at < text.length ? [...parts, { text: text.slice(at) }] : parts;
}

/** Where a text names a value. */
function phrasesIn(text: string): { phrase: Phrase; start: number; end: number }[] {
  const words = [...text.matchAll(/[\p{L}\p{N}]+(?:-[\p{L}\p{N}]+)*/gu)];
  const plain = words.map(([word]) => word.toLowerCase());
  const found: ReturnType<typeof phrasesIn> = [];
  for (let at = 0; at < words.length; ) {
    const phrase = byFirst
      .get(plain[at])
      ?.find((each) => each.words.every((word, place) => plain[at + place] === word));
    const count = phrase?.words.length ?? 1;
    const last = words[at + count - 1];
    if (phrase) found.push({ phrase, start: words[at].index, end: last.index + last[0].length });
    at += count;
  }
  return found;
}
