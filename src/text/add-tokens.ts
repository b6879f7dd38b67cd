import { addedToken, createTokenizer, type Tokenizer } from './tokenizer.js';

/** Add special tokens, with the ids after the largest one. Returns the same tokenizer if there is nothing to add. */
export function addTokens(tokenizer: Tokenizer, tokens: readonly string[]): Tokenizer {
  if (!tokens.length) return tokenizer;
  const { json, size } = tokenizer;
  const added = tokens.map((content, at) => addedToken(content, size + at));
  return createTokenizer({ ...json, added_tokens: [...json.added_tokens, ...added] });
}
