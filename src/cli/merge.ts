import { modelFolderOf } from '../encoder/checkpoints.js';
import { startEngine } from '../engine/engine.js';
import { networkFolder } from '../models/get-model.js';
import { isAdapter, mergeAdapters } from '../weights/merge/merge-adapters.js';
import { mergeFolders } from '../weights/merge/merge-folders.js';
import type { MergeReport } from '../weights/merge/merge-report.js';
import { readRecipe } from '../weights/merge/recipe/recipe.js';

/** Merge what a recipe names into a folder. */
export async function merge(file: string, out: string, cache?: string): Promise<MergeReport> {
  const recipe = readRecipe(file);
  // Descent alone computes on the engine.
  if (recipe.method === 'wudi' || recipe.method === 'optmerge') await startEngine();
  const folderOf = (name: string) => modelFolderOf(networkFolder(name, cache));
  const sources = recipe.slices.flatMap(({ sources }) => sources);
  const ofAdapters = sources.every(({ network, adapter }) => adapter === undefined && isAdapter(folderOf(network)));
  return ofAdapters ? mergeAdapters(recipe, out, folderOf) : mergeFolders(recipe, out, folderOf);
}

/** What was merged, as lines of text. */
export function mergeLines({
  out,
  method,
  models,
  merged,
  fromBase,
  leftOut,
  taskVectors,
  warnings,
}: MergeReport): string[] {
  const lines = [
    ...warnings,
    `${merged} tensors merged by ${method}${fromBase ? `, ${fromBase} taken from the base` : ''}`,
    ...(leftOut.length ? [`not in the result, since they are not of floating point: ${leftOut.join(', ')}`] : []),
  ];
  if (!taskVectors) return [...lines, out];
  const width = Math.max(...models.map((name) => name.length));
  const { cosines, interference } = taskVectors;
  for (const [at, { name, length, ofBase }] of taskVectors.models.entries()) {
    const others = cosines[at].filter((_, other) => other !== at).map((cosine) => cosine.toFixed(3));
    const size = `task vector ${length.toPrecision(4)} (${(100 * ofBase).toPrecision(3)}% of the base)`;
    lines.push(`${name.padEnd(width)}  ${size}${others.length ? `, cosines ${others.join(' ')}` : ''}`);
  }
  if (models.length > 1) lines.push(`interference ${interference.toFixed(3)}`);
  return [...lines, out];
}
