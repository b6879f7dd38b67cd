import { maskToken } from '../moon/sequence.js';

/** Words of names that carry no information by themselves. */
const small = new Set(['and', 'or', 'of', 'the', 'with', 'in', 'for', 'a', 'an', 'to', 'by', 'from', 'not', 'without']);
/** Maximum number of words of a name searched for in a text. */
const MAX_WORDS = 6;

/** Replaces words of a label in a text. */
export type WordMask = (text: string) => string;

/**
 * Make a function that masks names (category levels, attribute values) and their aliases in a text. A run of words is replaced by one mask
 * token if it is a name, an alias or an informative word of a name; case, plurals and the way in which words are joined do not matter:
 * 'Tshirts' matches `T-shirt`, `t shirt` and `TSHIRTS`. Adjacent masks are merged, so that their number reveals nothing.
 */
export function wordMask(names: readonly string[], aliases: readonly string[] = []): WordMask {
  const targets = new Set<string>();
  const add = (word: string) => {
    for (const form of formsOf(word)) targets.add(form);
  };
  for (const name of [...names, ...aliases]) if (joinedWords(name)) add(joinedWords(name));
  for (const name of names) {
    // A single letter or digit is never masked alone.
    for (const { word } of wordRuns(name)) if (word.length > 1 && !small.has(word)) add(word);
  }
  return (text) =>
    targets.size ? maskRuns(text, (joined) => formsOf(joined).some((form) => targets.has(form))) : text;
}

function joinedWords(name: string): string {
  return wordRuns(name)
    .map(({ word }) => word)
    .join('');
}

interface Run {
  word: string;
  start: number;
  end: number;
}

/** Runs of letters and digits in lower case, with their positions in the text. */
function wordRuns(text: string): Run[] {
  return [...text.matchAll(/[\p{L}\p{N}]+/gu)].map((match) => ({
    word: match[0].normalize('NFKC').toLowerCase(),
    start: match.index,
    end: match.index + match[0].length,
  }));
}

/**
 * Mask runs of words, the longest match first. The words of a name may only be separated by spaces, hyphens, slashes, ampersands,
 * apostrophes or dots.
 */
function maskRuns(text: string, isName: (joined: string) => boolean): string {
  const runs = wordRuns(text);
  let masked = '';
  let written = 0;
  for (let first = 0; first < runs.length; first++) {
    const reach = joinedReach(text, runs, first);
    let last = reach;
    const joined = (end: number) =>
      runs
        .slice(first, end + 1)
        .map(({ word }) => word)
        .join('');
    while (last >= first && !isName(joined(last))) last--;
    if (last < first) continue;
    masked += text.slice(written, runs[first].start) + maskToken;
    written = runs[last].end;
    first = last;
  }
  const whole = masked + text.slice(written);
  const twice = new RegExp(`${escaped(maskToken)}(?:[\\s\\-\u2010-\u2015/&,]+${escaped(maskToken)})+`, 'gu');
  return whole.replace(twice, maskToken);
}

/** Index of the last run that can belong to the same name as `first`. */
function joinedReach(text: string, runs: readonly Run[], first: number): number {
  let last = first;
  while (
    last + 1 < runs.length &&
    last + 1 - first < MAX_WORDS &&
    /^[\s\-\u2010-\u2015/&'\u2019.]{1,3}$/u.test(text.slice(runs[last].end, runs[last + 1].start))
  )
    last++;
  return last;
}

/** A word and the possible singulars of it, in English. Words that share a form are treated as equal. */
export function formsOf(word: string): string[] {
  const forms = [word];
  if (word.length > 3) {
    if (word.endsWith('ies')) forms.push(`${word.slice(0, -3)}y`);
    if (word.endsWith('ves')) forms.push(`${word.slice(0, -3)}f`, `${word.slice(0, -3)}fe`);
    if (word.endsWith('es')) forms.push(word.slice(0, -2));
    if (word.endsWith('s') && !word.endsWith('ss')) forms.push(word.slice(0, -1));
  }
  return forms;
}

function escaped(text: string): string {
  return text.replace(/[[\]|<>]/g, '\\$&');
}
