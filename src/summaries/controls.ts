import { summaryFacts } from '../datasets/shop/seller-text.js';
import { namedValues } from '../datasets/shop/stated-facts.js';

/** The first sentence of a text: the summary that nobody wrote. */
export const firstSentence = (text: string): string => /^.*?[.!?](?=\s|$)/s.exec(text.trim())?.[0] ?? text.trim();

/** The facts of a summary that a text names, by the value that it names first: what words alone can give. */
export function attributeTemplate(text: string): string {
  const named = namedValues(text);
  return summaryFacts.flatMap((name) => named.get(name)?.[0] ?? []).join(' ');
}
