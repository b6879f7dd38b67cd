export { trainBytePairs } from '../text/byte-pair-trainer.js';
export { createTokenizer, loadTokenizer, type Tokenizer, type TokenizerJson } from '../text/tokenizer.js';
