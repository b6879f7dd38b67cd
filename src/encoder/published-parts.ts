import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../checks/error.js';
import type { MoonConfig } from '../config/config.js';
import { folderOfModel } from '../models/get-model.js';
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

/**
 * Check that the published networks that a config names are there, before anything else is done.
 * @throws UserError for one that is neither a path nor downloaded, with the command that downloads it
 */
export function requirePublishedParts(config: MoonConfig): void {
  const { network, vision, region, text, ocr } = config;
  const named = { vision, region, text, ocr };
  if ('from' in network) requireModel('network.from', network.from);
  for (const [name, option] of Object.entries(named))
    if (option && 'model' in option) requireModel(`${name}.model`, option.model);
}

function requireModel(setting: string, path: string): void {
  try {
    folderOfModel(path);
  } catch (error) {
    throw new UserError(`${setting}: ${(error as Error).message}`);
  }
}

/** The file itself, or the weights and settings in a folder. */
function weightsIn(path: string): string[] {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  const names = readdirSync(path).filter((name) => /\.(onnx|safetensors|bin)$|^(config|tokenizer)\.json$/.test(name));
  return names.sort().map((name) => join(path, name));
}
