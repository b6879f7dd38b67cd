import { copyFileSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { familyOf, loadPublishedConfig } from '../backbones/families.js';
import { loadFolderWeights } from '../backbones/layers/load-weights.js';
import type { Normalisation } from '../backbones/layers/normalisation.js';
import { saveModel } from '../backbones/save-model.js';
import { checkSavedConfig } from '../config/check-config.js';
import type { MoonConfig } from '../config/config.js';
import { type FlatLayout, flatten, unflatten } from '../engine/flat-weights.js';
import * as tf from '../engine/tf.js';
import { readJsonFile } from '../store/json-file.js';
import { loadTokenizer, saveTokenizer } from '../text/tokenizer.js';
import { buildModel } from './build-model.js';
import type { Encoder } from './encoder.js';

/** The content of moon.json, in addition to Hugging Face's files. */
export interface MoonFile {
  config: MoonConfig;
  /** Names and shapes of all weights, including experts and parameters of the loss. */
  layout: Pick<FlatLayout, 'names' | 'shapes'>;
  /** Of the network's own vision tower. */
  normalisation: Normalisation;
}

const FILE = 'moon.json';

/** Embed in Python with what `saveEncoder` wrote; copies lie in each folder. The second file runs frozen encoders. */
const pythonFiles = ['moon.py', 'moon_frozen.py'];
const pythonFile = (name: string) => fileURLToPath(new URL(`../../src/encoder/${name}`, import.meta.url));

/**
 * Save an encoder as a Hugging Face folder: config.json, tokenizer.json, model.safetensors, moon.json with the rest, and
 * moon.py with moon_frozen.py, which embed with it in Python.
 */
export function saveEncoder(folder: string, { config, model, tokenizer, parameters, layout }: Encoder): void {
  tf.tidy(() => saveModel(folder, model.network, unflatten(parameters, layout)));
  saveTokenizer(tokenizer.json, folder);
  const { normalisation } = model;
  const file: MoonFile = { config, layout: { names: layout.names, shapes: layout.shapes }, normalisation };
  writeFileSync(join(folder, FILE), JSON.stringify(file));
  for (const name of pythonFiles) copyFileSync(pythonFile(name), join(folder, name));
}

/**
 * Load an encoder from a folder written by `saveEncoder`. Dispose its parameters when done.
 * @throws UserError for a folder of another version, whose config has options unknown to this one
 */
export function loadEncoderFolder(folder: string): Encoder {
  const { config, layout, normalisation } = readMoonFile(folder);
  const tokenizer = loadTokenizer(folder);
  const network = loadPublishedConfig(folder);
  const model = buildModel(config, tokenizer, { network, normalisation });
  const weights = loadFolderWeights(folder, shapesOf(layout), familyOf(network).canonicalName);
  return { config, model, tokenizer, ...flatten(weights) };
}

/** Whether a folder was written by `saveEncoder`. */
export const isModelFolder = (folder: string): boolean => existsSync(join(folder, FILE));

/** @throws UserError for a folder without moon.json, or one of another version */
export function readMoonFile(folder: string): MoonFile {
  const file = join(folder, FILE);
  const content = readJsonFile(file, 'give the model folder of a moon-lab run') as unknown as MoonFile;
  checkSavedConfig(content.config, file);
  return content;
}

/** The shape of each weight. */
export function shapesOf({ names, shapes }: MoonFile['layout']): Record<string, number[]> {
  return Object.fromEntries(names.map((name, at) => [name, shapes[at]]));
}
