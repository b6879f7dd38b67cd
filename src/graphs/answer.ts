import type { Asked } from './questions/question.js';
import { relations, tripleText } from './triples.js';

/** What an answer says: triples in words, and what follows from them. */
export interface GraphAnswer {
  listed: readonly string[];
  answer: string;
}

const MARK = 'answer:';

/** What a right answer to a question says. */
export const rightAnswer = ({ needed, answer }: Pick<Asked, 'needed' | 'answer'>): GraphAnswer => ({
  listed: needed.map(tripleText),
  answer,
});

/** `red mug goes with teal bowl; answer: teal bowl` */
export const writeAnswer = ({ listed, answer }: GraphAnswer): string =>
  [...listed.map((triple) => `${triple};`), MARK, answer].join(' ');

/** The answer that a text says, whatever it is worth; undefined for a text of another form, which counts as wrong. */
export function parseAnswer(text: string): GraphAnswer | undefined {
  const [before, after, ...more] = text.split(MARK);
  const answer = after?.trim();
  if (!answer || more.length || answer.includes(';')) return undefined;
  const parts = before.split(';').map((part) => part.trim());
  // Every triple ends with a semicolon, so that nothing stands after the last.
  if (parts.pop() || !parts.every(isTriple)) return undefined;
  return { listed: parts, answer };
}

/** Whether a text has words before and after a relation. */
const isTriple = (text: string): boolean => relations.some((relation) => text.slice(1, -1).includes(` ${relation} `));
