/** A text to read, and the number of its tokens that are read at most. */
export interface ReadText {
  text: string;
  most: number;
}

/** A frozen sentence encoder as the source of a network's text tokens. */
export interface FrozenText {
  /** Numbers per token. */
  width: number;
  /** Tokens of a text without the special ones at its ends, at least 1. */
  countOf(text: string, most: number): number;
  /**
   * Token states of texts, [tokens + 2, width] each: the special token before them, the tokens, the one after them. Reads them on the host;
   * texts that were read before are known.
   */
  statesOf(texts: readonly ReadText[]): Float32Array[];
}
