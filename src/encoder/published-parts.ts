import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { MoonConfig } from '../config/config.js';
import { hashFiles } from '../store/content-hash.js';
import { downloadedOr } from '../store/downloaded.js';
import { startHash } from './start-folder.js';

/**
 * The published networks that a config names, by the setting that names them: SHA-256 of their files. A run depends on them besides its config and
 * data. What is not there is left out; whoever needs it says so.
 */
export async function publishedParts(config: MoonConfig): Promise<Record<string, string>> {
  const { network, vision, region, text, ocr } = config;
  const parts: Record<string, string> = {};
  if ('from' in network) parts['network.from'] = await startHash(network.from);
  for (const [name, option] of Object.entries({ vision, region, text, ocr })) {
    if (!option || !('model' in option)) continue;
    const files = weightsIn(downloadedOr(option.model));
    if (files.length) parts[`${name}.model`] = await hashFiles(files);
  }
  return parts;
}

/** The file itself, or the weights and settings in a folder. */
function weightsIn(path: string): string[] {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  const names = readdirSync(path).filter((name) => /\.(onnx|safetensors|bin)$|^(config|tokenizer)\.json$/.test(name));
  return names.sort().map((name) => join(path, name));
}
