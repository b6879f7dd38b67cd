import { Tokenizer as PublishedTokenizer } from '@huggingface/tokenizers';
import { wrongOption } from '../checks/error.js';
import { byteAlphabet } from './byte-alphabet.js';
import { createHeap } from './heap.js';
import { addedToken, type TokenizerJson } from './tokenizer.js';

/** Qwen's pre-tokenisation pattern: contractions, words with one leading symbol, single digits, symbols, white space. */
const QWEN_WORDS =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

/** Smallest count of a merged pair. A pair that occurs once shortens nothing and only memorises a word. */
const MIN_COUNT = 2;

/** How many tokens a vocabulary has, and which of them are whole words of their own. */
export interface BytePairOptions {
  /** Number of all tokens; texts with too few repeated pairs give a smaller vocabulary. */
  vocabSize: number;
  /** Tokens that stand for marks, never for parts of words: `<|image_pad|>`. */
  specials: readonly string[];
}

/**
 * Train a byte-level byte-pair encoding (Sennrich et al., arXiv 1508.07909) in the layout of Qwen's tokenizer.json: ids 0-255 are the
 * bytes, then one id per merge, then `specials` in the given order. The most frequent pair is merged first; the smaller ids win among equal
 * counts. The result depends only on the word counts, not on the order of `texts`. Encoding and decoding gives a text back, up to Unicode
 * normal form C.
 * @throws UserError for a vocabulary that is too small, or repeated or empty specials
 */
export function trainBytePairs(texts: Iterable<string>, { vocabSize, specials }: BytePairOptions): TokenizerJson {
  const min = 256 + specials.length;
  if (!Number.isInteger(vocabSize) || vocabSize < min) {
    throw wrongOption(
      'vocabSize',
      vocabSize,
      `an integer of at least ${min}: 256 bytes and ${specials.length} specials`,
    );
  }
  const repeated = specials.find((token, at) => !token || specials.indexOf(token) !== at);
  if (repeated !== undefined) throw wrongOption('specials', repeated, 'different, non-empty tokens');
  const vocab = [...byteAlphabet()];
  const merges = learnMerges(countWords(texts), vocab, vocabSize - specials.length);
  return tokenizerJson(vocab, merges, specials);
}

/** Count the words of the texts, in the byte alphabet. Uses the same code that splits text for encoding. */
function countWords(texts: Iterable<string>): Map<string, number> {
  const { normalizer, pre_tokenizer: cut } = new PublishedTokenizer(tokenizerJson([...byteAlphabet()], [], []), {});
  // Categories repeat, and cutting is slow.
  const times = new Map<string, number>();
  for (const text of texts) times.set(text, (times.get(text) ?? 0) + 1);
  const counts = new Map<string, number>();
  for (const [text, count] of times)
    for (const word of cut!(normalizer!(text))) counts.set(word, (counts.get(word) ?? 0) + count);
  return counts;
}

/** A pair of ids is stored as left * SPAN + right, which sorts like the pair. Vocabularies are far smaller. */
const SPAN = 2 ** 24;

/** Extend `vocab` up to `size`. Returns the merges, best first. */
function learnMerges(counts: Map<string, number>, vocab: string[], size: number): [string, string][] {
  const idOf = new Map(vocab.map((token, id) => [token, id]));
  const words = [...counts].map(([word, count]) => ({ ids: Array.from(word, (byte) => idOf.get(byte)!), count }));
  const pairs = new Map<number, { count: number; words: Set<number> }>();
  const add = (left: number, right: number, count: number, word: number): number => {
    const key = left * SPAN + right;
    let pair = pairs.get(key);
    if (!pair) {
      pair = { count: 0, words: new Set() };
      pairs.set(key, pair);
    }
    pair.count += count;
    pair.words.add(word);
    return key;
  };
  for (const [word, { ids, count }] of words.entries()) {
    for (let i = 1; i < ids.length; i++) add(ids[i - 1], ids[i], count, word);
  }

  const heap = createHeap<{ key: number; count: number }>((a, b) => b.count - a.count || a.key - b.key);
  const propose = (key: number, count: number) => {
    if (count >= MIN_COUNT) heap.push({ key, count });
  };
  for (const [key, { count }] of pairs) propose(key, count);

  /** Replace every (left, right) in a word by `merged`. Returns the keys of pairs that became more frequent. */
  const mergeIn = (word: number, left: number, right: number, merged: number): number[] => {
    const { ids, count } = words[word];
    const out: number[] = [];
    const grown: number[] = [];
    for (let i = 0; i < ids.length; i++) {
      if (ids[i] !== left || ids[i + 1] !== right) {
        out.push(ids[i]);
        continue;
      }
      if (out.length) {
        add(out[out.length - 1], left, -count, word);
        grown.push(add(out[out.length - 1], merged, count, word));
      }
      if (i + 2 < ids.length) {
        add(right, ids[i + 2], -count, word);
        grown.push(add(merged, ids[i + 2], count, word));
      }
      out.push(merged);
      i++;
    }
    words[word].ids = out;
    return grown;
  };

  const merges: [string, string][] = [];
  while (vocab.length < size) {
    const best = heap.pop();
    if (!best) break;
    const pair = pairs.get(best.key);
    if (pair?.count !== best.count) {
      // Outdated: other merges have used some occurrences since. Queue the pair again with its current count.
      if (pair && pair.count < best.count) propose(best.key, pair.count);
      continue;
    }
    const [left, right] = [Math.floor(best.key / SPAN), best.key % SPAN];
    const token = vocab[left] + vocab[right];
    // Different merges with the same string share an id: (a, ab) and (aa, b).
    const id = idOf.get(token) ?? vocab.push(token) - 1;
    idOf.set(token, id);
    merges.push([vocab[left], vocab[right]]);
    const grown = new Set([...pair.words].flatMap((word) => mergeIn(word, left, right, id)));
    pairs.delete(best.key);
    for (const key of grown) propose(key, pairs.get(key)!.count);
  }
  return merges;
}

function tokenizerJson(
  vocab: readonly string[],
  merges: [string, string][],
  specials: readonly string[],
): TokenizerJson {
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: specials.map((content, at) => addedToken(content, vocab.length + at)),
    normalizer: { type: 'NFC' },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: QWEN_WORDS }, behavior: 'Isolated', invert: false },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false },
      ],
    },
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(vocab.map((token, id) => [token, id])),
      merges,
    },
  };
}
