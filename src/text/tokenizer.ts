import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Tokenizer as PublishedTokenizer } from '@huggingface/tokenizers';
import { UserError } from '../checks/error.js';
import { readJsonFile } from '../store/json-file.js';

/** A token that is split off before merging and never merged: `<|im_start|>`, `<|image_pad|>` ... */
export interface AddedToken {
  id: number;
  content: string;
  single_word: boolean;
  lstrip: boolean;
  rstrip: boolean;
  normalized: boolean;
  special: boolean;
}

/** A token that is split off wherever it stands, with the text around it left as it is. */
export function addedToken(content: string, id: number, special = true): AddedToken {
  return { id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special };
}

/** Contents of a Hugging Face `tokenizer.json` with a byte-pair model. */
export interface TokenizerJson {
  version: string;
  truncation: unknown;
  padding: unknown;
  added_tokens: AddedToken[];
  normalizer: unknown;
  pre_tokenizer: unknown;
  post_processor: unknown;
  decoder: unknown;
  model: {
    type: 'BPE';
    vocab: Record<string, number>;
    /** Merged pairs, best first. Older files join the two parts with a space. */
    merges: [string, string][] | string[];
    [setting: string]: unknown;
  };
}

/** Converts text to token ids and back. A file gives the same ids as Hugging Face tokenizers in Python. */
export interface Tokenizer {
  /** Encode a text. Special tokens in it (`<|im_end|>`) become their own id. Adds nothing at either end. */
  encode(text: string): number[];
  /** Decode ids, including special tokens. Invalid UTF-8 becomes U+FFFD; unknown ids are skipped. */
  decode(ids: readonly number[]): string;
  /** The largest id + 1, which is the minimum number of rows of an embedding. */
  size: number;
  /** Id of a token such as `<|box_start|>`; undefined if there is none. */
  idOf(token: string): number | undefined;
  json: TokenizerJson;
}

/**
 * Create a tokenizer from the contents of a tokenizer.json.
 * @param file path shown in errors
 * @throws UserError for anything but a byte-pair model
 */
export function createTokenizer(json: TokenizerJson, file = 'tokenizer.json'): Tokenizer {
  const { type, vocab, merges } = json?.model ?? {};
  if (type !== 'BPE' || !vocab || !Array.isArray(merges) || !Array.isArray(json.added_tokens)) {
    throw new UserError(
      `${file}: got a model of type ${JSON.stringify(type)}, expected BPE with a vocabulary, merges and added tokens; take the tokenizer.json of a Qwen folder or train one with trainBytePairs.`,
    );
  }
  const published = new PublishedTokenizer(json, {});
  const ids = [...Object.values(vocab), ...json.added_tokens.map((token) => token.id)];
  return {
    encode: (text) => published.encode(text, { add_special_tokens: false }).ids,
    decode: (tokens) =>
      tokens.length === 0 ? '' : published.decode([...tokens], { clean_up_tokenization_spaces: false }),
    size: ids.reduce((max, id) => Math.max(max, id), -1) + 1,
    idOf: (token) => published.token_to_id(token),
    json,
  };
}

/**
 * Load the tokenizer of a Hugging Face folder, or a tokenizer.json.
 * @throws UserError as `createTokenizer`
 */
export function loadTokenizer(path: string): Tokenizer {
  const file = existsSync(path) && statSync(path).isDirectory() ? join(path, 'tokenizer.json') : path;
  return createTokenizer(readJsonFile(file, 'copy tokenizer.json of the model into the folder') as TokenizerJson, file);
}

/** Write tokenizer.json and tokenizer_config.json, which Python's AutoTokenizer can load. */
export function saveTokenizer(json: TokenizerJson, dir: string): void {
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'tokenizer.json'), `${JSON.stringify(json, null, 1)}\n`);
  const specials = json.added_tokens.filter((token) => token.special).map((token) => token.content);
  const config = {
    tokenizer_class: 'PreTrainedTokenizerFast',
    clean_up_tokenization_spaces: false,
    ...(specials.includes('<|im_end|>') && { eos_token: '<|im_end|>' }),
    ...(specials.includes('<|endoftext|>') && { pad_token: '<|endoftext|>' }),
  };
  writeFileSync(join(dir, 'tokenizer_config.json'), `${JSON.stringify(config, null, 2)}\n`);
}
