import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { familyOf, loadPublishedConfig } from '../backbones/families.js';
import { HEAD, TOKENS } from '../backbones/layers/decoder-names.js';
import { isMerger, isVision } from '../backbones/layers/vision-names.js';
import { loadGgufConfig } from '../backbones/llama/gguf.js';
import type { PublishedConfig } from '../backbones/published-config.js';
import { requirePath } from '../checks/missing-path.js';
import { readGguf } from '../store/gguf/gguf-file.js';
import { readHeader } from '../store/safetensors.js';
import { loadTokenizer } from '../text/tokenizer.js';
import { loraShapes } from '../weights/lora.js';
import { loraDefaults } from '../weights/lora-option.js';

/** What is in the folder or file of a published network; plain JSON. */
export interface ModelInspection {
  path: string;
  family: string;
  /** Of the language model. */
  text: { depth: number; width: number; heads: number; keyValueHeads: number; vocabSize: number };
  /** Parameters by part. */
  parameters: { vision: number; language: number; tokens: number; head: number };
  /** Numbers that `tune` would train: LoRA with its defaults, and the connector between vision and language. */
  tuned: { lora: number; connector: number };
  /** Bytes on disk, and tensors by number type. */
  bytes: number;
  types: Record<string, number>;
  /** Ids that the tokenizer knows; null without one. */
  tokenizer: number | null;
}

/**
 * Read the configuration and the headers of a network, and no weights.
 * @param path a Hugging Face folder, a folder with one GGUF file, or that file
 * @throws UserError for what is neither, or of an unknown family
 */
export async function inspectModel(path: string): Promise<ModelInspection> {
  requirePath(path);
  const gguf = path.endsWith('.gguf') ? path : ggufIn(path);
  if (gguf) return inspectGguf(gguf);
  const config = loadPublishedConfig(path);
  const files = readdirSync(path).filter((name) => name.endsWith('.safetensors') && name.startsWith('model'));
  const tensors = files.flatMap((name) => [...readHeader(join(path, name)).tensors.values()]);
  const tokenizer = existsSync(join(path, 'tokenizer.json')) ? loadTokenizer(path).size : null;
  return {
    ...describe(path, config),
    bytes: files.reduce((sum, name) => sum + statSync(join(path, name)).size, 0),
    types: countBy(tensors.map(({ dtype }) => dtype)),
    tokenizer,
  };
}

async function inspectGguf(path: string): Promise<ModelInspection> {
  const source = await readGguf(path);
  const tokens = source.metadata['tokenizer.ggml.tokens'];
  return {
    ...describe(path, loadGgufConfig(source)),
    bytes: statSync(path).size,
    types: countBy([...source.tensors.values()].map(({ type }) => type.name)),
    tokenizer: Array.isArray(tokens) ? tokens.length : null,
  };
}

/** The GGUF file of a folder that holds one and no config.json. */
export function ggufIn(folder: string): string | undefined {
  if (!existsSync(folder) || !statSync(folder).isDirectory() || existsSync(join(folder, 'config.json')))
    return undefined;
  const [file] = readdirSync(folder).filter((name) => name.endsWith('.gguf'));
  return file === undefined ? undefined : join(folder, file);
}

function describe(
  path: string,
  config: PublishedConfig,
): Pick<ModelInspection, 'path' | 'family' | 'text' | 'parameters' | 'tuned'> {
  const family = familyOf(config);
  const { depth, width, heads, keyValueHeads, vocabSize } = config.text;
  const parameters = { vision: 0, language: 0, tokens: 0, head: 0 };
  const shapes = family.weightShapes(config);
  const tuned = { lora: 0, connector: 0 };
  for (const [name, shape] of Object.entries(shapes)) {
    const part = name === TOKENS ? 'tokens' : name === HEAD ? 'head' : isVision(name) ? 'vision' : 'language';
    parameters[part] += sizeOf(shape);
    if (isMerger(name)) tuned.connector += sizeOf(shape);
  }
  for (const { down, up } of Object.values(loraShapes(shapes, loraDefaults))) tuned.lora += sizeOf(down) + sizeOf(up);
  return { path, family: family.name, text: { depth, width, heads, keyValueHeads, vocabSize }, parameters, tuned };
}

const sizeOf = (shape: readonly number[]) => shape.reduce((product, side) => product * side, 1);

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

/** The same for a terminal. */
export function inspectionLines({
  path,
  family,
  text,
  parameters,
  tuned,
  bytes,
  types,
  tokenizer,
}: ModelInspection): string[] {
  const millions = (count: number) => `${(count / 1e6).toFixed(count < 1e7 ? 2 : 1)} M`;
  const all = Object.values(parameters).reduce((sum, count) => sum + count, 0);
  const parts = Object.entries(parameters).flatMap(([name, count]) => (count ? [`${name} ${millions(count)}`] : []));
  const stored = Object.entries(types).map(([type, count]) => `${count} ${type}`);
  return [
    `${path}: ${family}`,
    `language model: ${text.depth} blocks of width ${text.width}, ${text.heads} heads (${text.keyValueHeads} for keys and values), ${text.vocabSize} tokens`,
    `parameters: ${millions(all)} (${parts.join(', ')}); ${((4 * all) / 1e9).toFixed(2)} GB as float32`,
    `tuned: ${millions(tuned.lora)} by LoRA (rank ${loraDefaults.rank}, ${loraDefaults.targets.join(' ')})${tuned.connector ? `, ${millions(tuned.connector)} as connector` : ''}`,
    `on disk: ${(bytes / 1e6).toFixed(1)} MB, tensors: ${stored.join(', ')}`,
    `tokenizer: ${tokenizer === null ? 'none' : `${tokenizer} ids`}`,
  ];
}
