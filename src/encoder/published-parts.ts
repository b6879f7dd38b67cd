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
  const parts: Record<string, string> = {};
  for (const [setting, path] of namedParts(config)) {
    const files = weightsIn(downloadedOr(path));
    if (setting === START) parts[setting] = await startHash(path);
    else if (files.length) parts[setting] = await hashFiles(files);
  }
  return parts;
}

/**
 * Check that the published networks that a config names are there, before anything else is done.
 * @throws UserError for one that is neither a path nor downloaded, with the command that downloads it
 */
export function requirePublishedParts(config: MoonConfig): void {
  for (const [setting, path] of namedParts(config))
    try {
      folderOfModel(path);
    } catch (error) {
      throw new UserError(`${setting}: ${(error as Error).message}`);
    }
}

const START = 'network.from';

/** The settings of a config that name a published network, with the paths or names that they give. */
function namedParts({ network, vision, region, text, ocr, enrich }: MoonConfig): [setting: string, path: string][] {
  const { views, consistency } = enrich ?? {};
  const generated: [string, string | undefined][] = [
    ['enrich.views.model', views?.kind === 'redraw' ? views.model : undefined],
    ...(consistency?.kind === 'frozen'
      ? (['pictureEncoder', 'textEncoder'] as const).map((side): [string, string | undefined] => [
          `enrich.consistency.${side}`,
          consistency[side],
        ])
      : []),
  ];
  return [
    ...generated.flatMap(([setting, path]): [string, string][] => (path === undefined ? [] : [[setting, path]])),
    ...('from' in network ? [[START, network.from] as [string, string]] : []),
    ...Object.entries({ vision, region, text, ocr }).flatMap(([name, option]): [string, string][] =>
      option && 'model' in option ? [[`${name}.model`, option.model]] : [],
    ),
  ];
}

/** The file itself, or the weights and settings in a folder. */
function weightsIn(path: string): string[] {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  const names = readdirSync(path).filter((name) => /\.(onnx|safetensors|bin)$|^(config|tokenizer)\.json$/.test(name));
  return names.sort().map((name) => join(path, name));
}
