import { join } from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import { type BertConfig, bertShapes, parseBertConfig } from '../backbones/bert/config.js';
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
import { remembered } from '../store/remembered.js';
import { type TextOption, textOption } from '../text/text-option.js';

/** Texts whose token ids are kept. */
const MAX_TEXTS = 50_000;

/** Numbers of readings that are kept, 4 bytes each. */
const KEPT = 50_000_000;

/** One a model and process: its weights are never freed, as all networks that read with it share them. */
const opened = new Map<string, FrozenText>();

/**
 * Open the frozen sentence encoder of an option; undefined where the network has a vocabulary of its own. A text that was read before is not
 * encoded again. Texts are encoded one by one, so that a reading never depends on what else was read.
 * @throws UserError for a folder that is not one of the BERT family, or of another width
 */
export function frozenTextOf(given: TextOption | undefined): FrozenText | undefined {
  const option = textOption(given);
  if (option.kind === 'own') return undefined;
  const { model, width } = option;
  const known = opened.get(model) ?? openFrozenText(folderOfModel(model));
  if (known.width !== width) throw wrongOption('text.width', width, `${known.width}, the width of ${model}`);
  opened.set(model, known);
  return known;
}

function openFrozenText(folder: string): FrozenText {
  const [settings, words] = ['config.json', 'tokenizer.json'].map((name) => join(folder, name));
  const config = parseBertConfig(readJsonFile(settings, 'give the folder of a sentence encoder'), settings);
  const json = record(readJsonFile(words, 'copy it from the same model'), words, 'the content');
  // Its padding and truncation are for batches of one length.
  const tokenizer = new Tokenizer({ ...json, padding: null, truncation: null }, {});
  const mask = tokenizer.token_to_id('[MASK]') === undefined ? maskToken : '[MASK]';
  let weights: Weights | undefined;
  const keyOf = ({ text, most }: ReadText) => `${most} ${text}`;

  const idsOf = remembered(
    ({ text, most }: ReadText): number[] => {
      const { ids } = tokenizer.encode(text.replaceAll(maskToken, mask));
      const longest = Math.min(most + 2, config.maxLength);
      return ids.length > longest ? [...ids.slice(0, longest - 1), ids[ids.length - 1]] : ids;
    },
    { keyOf, most: MAX_TEXTS },
  );

  function statesOf(text: ReadText): Float32Array {
    weights ??= loadWeights(folder, config);
    const states = runBert(config, weights, idsOf(text));
    const values = states.dataSync() as Float32Array;
    states.dispose();
    return values;
  }

  return {
    width: config.width,
    countOf: (text) => Math.max(1, idsOf(text).length - 2),
    statesOf,
    read: remembered((text: ReadText) => readingOf(statesOf(text), config.width), {
      keyOf,
      most: KEPT,
      sizeOf: ({ tokens, sentence }) => tokens.length + sentence.length,
    }),
  };
}

/** Weights that stay when a caller's `tidy` ends. */
function loadWeights(folder: string, config: BertConfig): Weights {
  const weights = loadFolderWeights(folder, bertShapes(config), (name) => name.replace(/^bert\./, ''));
  for (const weight of Object.values(weights)) tf.keep(weight);
  return weights;
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
