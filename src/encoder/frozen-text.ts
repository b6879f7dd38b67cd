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
import type { FrozenText } from '../moon/frozen-text.js';
import { maskToken } from '../moon/sequence.js';
import { readJsonFile } from '../store/json-file.js';
import { type TextOption, textOption } from '../text/text-option.js';

/** Texts encoded together. */
const BATCH = 64;

/** Numbers of token states that are kept, 4 bytes each; the oldest texts are dropped first. */
const KEPT = 50_000_000;

/** One a folder and process: its weights are never freed, as all networks that read with it share them. */
const opened = new Map<string, FrozenText>();

/**
 * Open the frozen sentence encoder of an option; undefined where the network has a vocabulary of its own. A text that was read before is not
 * encoded again.
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
  const known = new Map<string, Float32Array>();
  let kept = 0;

  const idsOf = (text: string, most: number): number[] => {
    const { ids } = tokenizer.encode(text.replaceAll(maskToken, mask));
    const longest = Math.min(most + 2, config.maxLength);
    return ids.length > longest ? [...ids.slice(0, longest - 1), ids[ids.length - 1]] : ids;
  };
  const keyOf = (text: string, most: number) => JSON.stringify([most, text]);

  function encode(texts: readonly { text: string; most: number }[]): void {
    weights ??= loadFolderWeights(folder, bertShapes(config), (name) => name.replace(/^bert\./, ''));
    // A caller's tidy would free them.
    for (const weight of Object.values(weights)) tf.keep(weight);
    const ids = texts.map(({ text, most }) => idsOf(text, most));
    const states = runBert(config, weights, ids);
    const [, length, width] = states.shape;
    const values = states.dataSync() as Float32Array;
    states.dispose();
    ids.forEach((own, at) => {
      const start = at * length * width;
      known.set(keyOf(texts[at].text, texts[at].most), values.slice(start, start + own.length * width));
      kept += own.length * width;
    });
    for (const [key, { length: size }] of known) {
      if (kept <= KEPT) break;
      known.delete(key);
      kept -= size;
    }
  }

  return {
    width: config.width,
    countOf: (text, most) => Math.max(1, idsOf(text, most).length - 2),
    statesOf(texts) {
      const missing = [...new Map(texts.map((each) => [keyOf(each.text, each.most), each])).entries()]
        .filter(([key]) => !known.has(key))
        .map(([, each]) => each);
      const found = new Map(texts.map(({ text, most }) => [keyOf(text, most), known.get(keyOf(text, most))]));
      for (let start = 0; start < missing.length; start += BATCH) {
        const batch = missing.slice(start, start + BATCH);
        encode(batch);
        for (const { text, most } of batch) found.set(keyOf(text, most), known.get(keyOf(text, most)));
      }
      return texts.map(({ text, most }) => found.get(keyOf(text, most))!);
    },
  };
}
