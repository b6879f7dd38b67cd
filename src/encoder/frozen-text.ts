import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import { bertShapes, parseBertConfig } from '../backbones/bert/config.js';
import { runBert } from '../backbones/bert/network.js';
import { record } from '../backbones/layers/config-json.js';
import { loadFolderWeights } from '../backbones/layers/load-weights.js';
import { wrongOption } from '../checks/error.js';
import type { Weights } from '../engine/flat-weights.js';
import * as tf from '../engine/tf.js';
import { folderOfModel } from '../models/get-model.js';
import type { FrozenText, ReadText, TextReading } from '../moon/frozen-text.js';
import { maskToken } from '../moon/sequence.js';
import { readJsonFile } from '../store/json-file.js';
import { type TextOption, textOption } from '../text/text-option.js';

/** Texts whose token ids are kept. */
const MAX_TEXTS = 50_000;

/** Numbers of readings that are kept, 4 bytes each; the oldest texts are dropped first. */
const KEPT = 50_000_000;

/** One a folder and process: its weights are never freed, as all networks that read with it share them. */
const opened = new Map<string, FrozenText>();

/**
 * Open the frozen sentence encoder of an option; undefined where the network has a vocabulary of its own. A text that was read before is not
 * encoded again. Texts are encoded one by one, so that a reading never depends on what else was read.
 * @throws UserError for a folder that is not one of the BERT family, or of another width
 */
export function frozenTextOf(given: TextOption | undefined): FrozenText | undefined {
  const option = textOption(given);
  if (option.kind === 'own') return undefined;
  const folder = realpathSync(folderOfModel(option.model));
  const known = opened.get(folder) ?? openFrozenText(folder);
  if (known.width !== option.width)
    throw wrongOption('text.width', option.width, `${known.width}, the width of ${option.model}`);
  opened.set(folder, known);
  return known;
}

function openFrozenText(folder: string): FrozenText {
  const file = join(folder, 'config.json');
  const config = parseBertConfig(readJsonFile(file, 'give the folder of a sentence encoder'), file);
  const json = record(
    readJsonFile(join(folder, 'tokenizer.json'), 'copy it from the same model'),
    file,
    'tokenizer.json',
  );
  // Its padding and truncation are for batches of one length.
  const tokenizer = new Tokenizer({ ...json, padding: null, truncation: null }, {});
  const mask = tokenizer.token_to_id('[MASK]') === undefined ? maskToken : '[MASK]';
  let weights: Weights | undefined;
  const ids = new Map<string, number[]>();
  const known = new Map<string, TextReading>();
  let kept = 0;

  const keyOf = ({ text, most }: ReadText) => `${most} ${text}`;

  function idsOf(text: ReadText): number[] {
    const key = keyOf(text);
    const found = ids.get(key) ?? encoded(text);
    if (!ids.has(key)) {
      if (ids.size >= MAX_TEXTS) ids.delete(ids.keys().next().value!);
      ids.set(key, found);
    }
    return found;
  }

  function encoded({ text, most }: ReadText): number[] {
    const { ids: all } = tokenizer.encode(text.replaceAll(maskToken, mask));
    const longest = Math.min(most + 2, config.maxLength);
    return all.length > longest ? [...all.slice(0, longest - 1), all[all.length - 1]] : all;
  }

  function statesOf(text: ReadText): Float32Array {
    weights ??= loadFolderWeights(folder, bertShapes(config), (name) => name.replace(/^bert\./, ''));
    // A caller's tidy would free them.
    for (const weight of Object.values(weights)) tf.keep(weight);
    const states = runBert(config, weights, idsOf(text));
    const values = states.dataSync() as Float32Array;
    states.dispose();
    return values;
  }

  function keep(text: ReadText, reading: TextReading): void {
    known.set(keyOf(text), reading);
    kept += reading.tokens.length + reading.sentence.length;
    for (const [key, { tokens, sentence }] of known) {
      if (kept <= KEPT) break;
      known.delete(key);
      kept -= tokens.length + sentence.length;
    }
  }

  return {
    width: config.width,
    countOf: (text) => Math.max(1, idsOf(text).length - 2),
    statesOf,
    read(texts) {
      const found = new Map(texts.map((text) => [keyOf(text), known.get(keyOf(text))]));
      const missing = [...new Map(texts.map((text) => [keyOf(text), text])).values()].filter(
        (text) => !found.get(keyOf(text)),
      );
      for (const text of missing) {
        const reading = readingOf(statesOf(text), config.width);
        found.set(keyOf(text), reading);
        keep(text, reading);
      }
      return texts.map((text) => found.get(keyOf(text))!);
    },
  };
}

function readingOf(states: Float32Array, width: number): TextReading {
  const own = states.subarray(width, Math.max(2 * width, states.length - width));
  const scale = 1 / Math.sqrt(own.reduce((sum, value) => sum + value * value, 0) / own.length);
  const sentence = new Float32Array(width);
  states.forEach((value, at) => {
    sentence[at % width] += value;
  });
  const norm = Math.hypot(...sentence);
  return { tokens: own.map((value) => scale * value), sentence: sentence.map((value) => value / norm) };
}
