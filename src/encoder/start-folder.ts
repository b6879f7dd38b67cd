import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { familyOf, loadPublishedConfig } from '../backbones/families.js';
import { HEAD, TOKENS } from '../backbones/layers/decoder-names.js';
import { markTokens } from '../backbones/layers/image-marks.js';
import { loadFolderWeights, weightFiles } from '../backbones/layers/load-weights.js';
import { isVision } from '../backbones/layers/vision-names.js';
import type { PublishedConfig } from '../backbones/published-config.js';
import { publishedImageProcessor } from '../backbones/qwen25vl/image-processor.js';
import type { FolderNetwork } from '../backbones/qwen25vl/network-option.js';
import { UserError, wrongOption } from '../checks/error.js';
import { requirePath } from '../checks/missing-path.js';
import type { MoonConfig } from '../config/config.js';
import { type TrainedOn, trainedOnNothing } from '../data/trained-on.js';
import type { Weights } from '../engine/flat-weights.js';
import type { RandomStream } from '../engine/random.js';
import * as tf from '../engine/tf.js';
import { isLossWeight } from '../losses/loss-weights.js';
import { networkFolder } from '../models/get-model.js';
import { knownModels } from '../models/known-models.js';
import { NOISE } from '../moon/denoise.js';
import { completeWeights, initMoon, type MoonModel } from '../moon/model.js';
import { END_OF_TEXT, maskToken } from '../moon/sequence.js';
import { networkShapes } from '../moon/tower.js';
import { hashFiles } from '../store/content-hash.js';
import { addTokens } from '../text/add-tokens.js';
import { loadTokenizer, type Tokenizer } from '../text/tokenizer.js';
import { buildModel } from './build-model.js';
import { modelFolderOf } from './checkpoints.js';
import { isModelFolder, type MoonFile, readMoonFile, shapesOf } from './model-folder.js';
import { readTrainedOn } from './trained-on-file.js';

/** A network without its weights. */
export interface DescribedNetwork {
  model: MoonModel;
  tokenizer: Tokenizer;
}

/** What training starts from. */
export interface Start extends DescribedNetwork {
  weights: Weights;
  /** The record of earlier training by moon-lab; undefined if unknown. */
  trainedOn?: TrainedOn;
}

/**
 * Load the network of `network.from`: a Hugging Face folder of a known family, or a run, which gives its best checkpoint. Special tokens
 * that the tokenizer lacks are added and start as the mean of all tokens. The loss's temperature starts anew. Experts start as copies of
 * the dense layers; those of a run are kept. Nothing stays loaded after an error.
 * @throws UserError for a folder of an unknown family, or one that does not fit the config
 */
export function loadStart(config: MoonConfig, network: FolderNetwork, stream: RandomStream): Start {
  const { load, ...described } = openStart(config, network);
  return { ...described, ...load(stream) };
}

/** `loadStart` in two parts: read and check all but the weights; `load` reads them. */
export function openStart(
  config: MoonConfig,
  { from, blocks, weights: start }: FolderNetwork,
): DescribedNetwork & { load(stream: RandomStream): Omit<Start, keyof DescribedNetwork> } {
  const folder = modelFolder(from);
  const network = readNetwork(from, folder, blocks);
  const family = familyOf(network);
  const saved = isModelFolder(folder) ? readMoonFile(folder) : undefined;
  if (saved) checkSaved(from, saved.config, config);
  const normalisation = saved?.normalisation ?? family.still?.normalisation(folder) ?? publishedImageProcessor;
  const published = loadTokenizer(folder);
  checkTokens(from, published, network);
  const added = [...neededTokens(network), ...noiseTokens(config)].filter(
    (token) => published.idOf(token) === undefined,
  );
  const tokenizer = addTokens(published, added);
  const rows = network.text.vocabSize;
  network.text.vocabSize = Math.max(rows, tokenizer.size);
  const model = buildModel(config, tokenizer, { network, normalisation });
  const { vision } = config;
  const shapes = saved
    ? savedShapes(saved, network, saved.config.vision.kind === vision.kind)
    : networkShapes({ network: { ...network, text: { ...network.text, vocabSize: rows } }, vision });
  return {
    model,
    tokenizer,
    load(stream) {
      if (start === 'random') return { weights: initMoon(model, stream), trainedOn: trainedOnNothing };
      const weights = loadFolderWeights(folder, shapes, family.canonicalName);
      for (const table of [TOKENS, HEAD])
        if (weights[table]) weights[table] = withMeanRows(weights[table] as tf.Tensor2D, published.size, added.length);
      const trainedOn = saved ? (folder === from ? undefined : readTrainedOn(from)) : trainedOnNothing;
      return { weights: completeWeights(model, weights, stream), trainedOn };
    },
  };
}

/** The tokens that MOON's sequences need: the marks of images, the end of a caption, what stands for a withheld word. */
const neededTokens = (network: PublishedConfig) => [...markTokens(familyOf(network).marks), END_OF_TEXT, maskToken];

/** The token that stands for hidden ones, where a stage needs it. */
export const noiseTokens = ({ captioning }: Pick<MoonConfig, 'captioning'>): readonly string[] =>
  captioning.kind === 'denoising' ? [NOISE] : [];

/** SHA-256 of the files that `network.from` reads: what a run depends on besides its config and data. */
export function startHash(from: string): Promise<string> {
  const folder = modelFolder(from);
  return hashFiles([...['config.json', 'tokenizer.json'].map((name) => join(folder, name)), ...weightFiles(folder)]);
}

/** The folder itself, or a run's (`modelFolderOf`); a known network by its name. */
function modelFolder(given: string): string {
  const from = knownModels.some(({ name }) => name === given) ? networkFolder(given) : given;
  requirePath(from, 'network.from');
  return modelFolderOf(from);
}

/** The shape of the folder's network, cut to its first blocks. */
function readNetwork(from: string, folder: string, blocks: number | undefined): PublishedConfig {
  if (from.endsWith('.gguf') || hasGgufAlone(folder))
    throw new UserError(
      `network.from: ${from} is a GGUF network. Write it as a folder first: npx moon-lab model convert ${from} --out DIR`,
    );
  const network = loadPublishedConfig(folder);
  const { depth } = network.text;
  if (blocks !== undefined && blocks > depth)
    throw wrongOption('network.blocks', blocks, `1 to ${depth}, the blocks of ${from}`);
  network.text.depth = blocks ?? depth;
  return network;
}

function hasGgufAlone(folder: string): boolean {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return false;
  const names = readdirSync(folder);
  return !names.includes('config.json') && names.some((name) => name.endsWith('.gguf'));
}

/** A run's experts are kept, and its projector or new tower, so the config must have the same ones. */
function checkSaved(from: string, saved: MoonConfig, config: MoonConfig): void {
  const differ = (part: 'experts' | 'vision') => JSON.stringify(saved[part]) !== JSON.stringify(config[part]);
  const wrong = (part: 'experts' | 'vision') =>
    wrongOption(part, config[part], `that of ${from}, ${JSON.stringify(saved[part])}`);
  if (saved.experts.kind !== 'none' && differ('experts')) throw wrong('experts');
  if (['onnx', 'own'].includes(saved.vision.kind) && differ('vision')) throw wrong('vision');
}

/** The tokens that a network has learned must be where its config says; a network with images knows all marks of an image. */
function checkTokens(from: string, tokenizer: Tokenizer, network: PublishedConfig): void {
  const { marks, still, learnedTokens } = familyOf(network);
  const learned = learnedTokens(network);
  for (const token of still ? markTokens(marks) : []) {
    const [id, expected] = [tokenizer.idOf(token), learned[token]];
    if (id === undefined || (expected !== undefined && id !== expected))
      throw new UserError(
        `${from}: token ${token} has ${id === undefined ? 'no id' : `id ${id}`} in tokenizer.json, expected ${expected === undefined ? 'one' : `${expected} as in config.json`}. Copy both files from the same model.`,
      );
  }
}

/** Shapes of a run's weights, without the blocks that are left out, those of its losses and a tower that is not kept. */
function savedShapes({ layout }: MoonFile, { text }: PublishedConfig, keepTower: boolean): Record<string, number[]> {
  const kept = Object.entries(shapesOf(layout)).filter(([name]) => {
    const block = /^model\.layers\.(\d+)\./.exec(name)?.[1];
    if (isLossWeight(name) || (isVision(name) && !keepTower)) return false;
    return block === undefined || Number(block) < text.depth;
  });
  return Object.fromEntries(kept);
}

/**
 * Give the tokens from `first` on the mean of the rows before them, in new rows where there are none. Frees the given table.
 * @param table [vocabulary, width]
 */
function withMeanRows(table: tf.Tensor2D, first: number, count: number): tf.Tensor2D {
  if (!count) return table;
  const changed = tf.tidy(() => {
    const before = tf.slice(table, 0, first);
    const mean = tf.mean(before, 0, true);
    const rest = table.shape[0] - first - count;
    const after = rest > 0 ? [tf.slice(table, first + count, rest)] : [];
    return tf.concat([before, tf.tile(mean, [count, 1]), ...after], 0) as tf.Tensor2D;
  });
  table.dispose();
  return changed;
}
