/** A text to read, and the number of its tokens that are read at most. */
export interface ReadText {
  text: string;
  most: number;
}

/** What a frozen sentence encoder makes of a text. */
export interface TextReading {
  /** [tokens, width] states of its tokens, without the special ones at its ends, scaled to mean square 1. */
  tokens: Float32Array;
  /** [width] mean of all states, of length 1: the sentence embedding. */
  sentence: Float32Array;
}

/** A frozen sentence encoder as the source of a network's text tokens. Texts that were read before are known. */
export interface FrozenText {
  /** Numbers per token. */
  width: number;
  /** Tokens of a text without the special ones at its ends, at least 1. */
  countOf(text: ReadText): number;
  /** Reads token states on the host. */
  read(text: ReadText): TextReading;
  /** Token states after the last layer [tokens + 2, width]: the special token before them, the tokens, the one after them. */
  statesOf(text: ReadText): Float32Array;
}
