/** How an image stands in a text: the tokens before it, the token of each of its pieces, the tokens after it. */
export interface ImageMarks {
  before: readonly string[];
  piece: string;
  after: readonly string[];
}

/** Those of the Qwen families. A language model without images learns them as new tokens. */
export const qwenMarks: ImageMarks = {
  before: ['<|vision_start|>'],
  piece: '<|image_pad|>',
  after: ['<|vision_end|>'],
};

/** All tokens of the marks, each once. */
export const markTokens = ({ before, piece, after }: ImageMarks): string[] => [
  ...new Set([...before, piece, ...after]),
];
