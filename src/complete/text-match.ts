import { frozenTextOf } from '../encoder/frozen-text.js';
import type { TextPair } from '../tasks/text-scores/bleu.js';
import { tokenMatch } from '../tasks/text-scores/token-match.js';

/** Tokens of a text that are compared. */
const MOST = 64;

/**
 * BERTScore F1 by the token states of a sentence encoder, MiniLM by default: unlike the scores of words it knows synonyms. 0 for an empty text.
 * @param model a folder, or the name of a downloaded one
 * @throws UserError for a model that is not there
 */
export function textMatcher(model = 'minilm'): (pair: TextPair) => number {
  const encoder = frozenTextOf({ kind: 'frozen', model })!;
  const statesOf = (text: string) => {
    const { tokens } = encoder.read({ text, most: MOST });
    const { width } = encoder;
    return Array.from({ length: tokens.length / width }, (_, at) => tokens.subarray(at * width, (at + 1) * width));
  };
  return ({ written, reference }) => (written && reference ? tokenMatch(statesOf(written), statesOf(reference)).f1 : 0);
}
