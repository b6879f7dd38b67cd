import { UserError } from '../checks/error.js';
import type { GgufFile } from '../store/gguf/gguf-file.js';
import { type AddedToken, addedToken, type TokenizerJson } from './tokenizer.js';

const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true };
const split = (pattern: string) => ({
  type: 'Split',
  pattern: { Regex: pattern },
  behavior: 'Isolated',
  invert: false,
});

/** How text is cut into words before merging, by `tokenizer.ggml.pre` (llama.cpp's `llm_tokenizer_bpe`). */
const preTokenizers: Readonly<Record<string, object>> = {
  'gpt-2': { ...byteLevel, use_regex: true },
  smollm: {
    type: 'Sequence',
    pretokenizers: [
      { type: 'Digits', individual_digits: true },
      { ...byteLevel, use_regex: true },
    ],
  },
  qwen2: {
    type: 'Sequence',
    pretokenizers: [
      split(
        "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
      ),
      { ...byteLevel, use_regex: false },
    ],
  },
};

/** llama.cpp's kinds of tokens that are cut out of a text before merging. */
const CONTROL = 3;
const USER_DEFINED = 4;

/**
 * The `tokenizer.json` that a GGUF file's metadata amount to.
 * @throws UserError for a tokenizer that is not byte-level BPE, or cuts words in a way that is not known here
 */
export function ggufTokenizer({ file, metadata }: Pick<GgufFile, 'file' | 'metadata'>): TokenizerJson {
  const read = (name: string) => metadata[`tokenizer.ggml.${name}`];
  const [model, pre = 'gpt-2'] = [read('model'), read('pre')];
  if (model !== 'gpt2')
    throw new UserError(
      `${file}: tokenizer.ggml.model is ${JSON.stringify(model)}, expected "gpt2" (byte-level BPE). Take another model.`,
    );
  if (typeof pre !== 'string' || !Object.hasOwn(preTokenizers, pre))
    throw new UserError(
      `${file}: tokenizer.ggml.pre is ${JSON.stringify(pre)}, expected ${Object.keys(preTokenizers).join(' | ')}. Take a folder with a tokenizer.json.`,
    );
  const tokens = read('tokens') as string[];
  const kinds = (read('token_type') as number[] | undefined) ?? [];
  const added = tokens.flatMap((content, id): AddedToken[] => {
    if (kinds[id] !== CONTROL && kinds[id] !== USER_DEFINED) return [];
    return [addedToken(content, id, kinds[id] === CONTROL)];
  });
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: added,
    normalizer: pre === 'qwen2' ? { type: 'NFC' } : null,
    pre_tokenizer: preTokenizers[pre],
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: '',
      end_of_word_suffix: '',
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: read('merges') as string[],
    },
  };
}
