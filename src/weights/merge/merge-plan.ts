import { UserError } from '../../checks/error.js';
import type { CheckpointSource } from '../checkpoint-source.js';
import type { FilledMerge } from './option.js';
import { methods, type TensorSettings } from './recipe/methods.js';
import type { Recipe, RecipeModel, RecipeSlice, RecipeSource } from './recipe/recipe.js';
import { type Setting, settingFor } from './recipe/setting.js';
import { isLanguageMatrix, layerCounts, layerOf } from './tensor-place.js';

/** Where one tensor of the result comes from. */
export interface PlannedTensor {
  /** Canonical name in the result and in the base. */
  name: string;
  /** The models that are merged, and the tensor's name in each. Empty for a tensor that stays the base's. */
  parts: readonly { model: RecipeModel; name: string }[];
  /** Undefined for a tensor that stays the base's. */
  option?: FilledMerge;
}

/**
 * Decide for every tensor of the result what is merged and how.
 * @param base the checkpoint that gives the names and shapes of the result, and what is not merged
 * @param sourceOf a model's checkpoint
 * @throws UserError for models that do not fit, or a setting that is missing, before anything is read
 */
export function planMerge(
  recipe: Recipe,
  base: CheckpointSource,
  sourceOf: (model: RecipeModel) => CheckpointSource,
): PlannedTensor[] {
  const layers = layerCounts(base.tensors.keys());
  checkSlices(recipe, layers);
  const models = recipe.slices.flatMap(({ sources }) => sources);
  for (const model of models) checkTensors(sourceOf(model), base, model.layers !== undefined);
  return [...base.tensors].map(([name, { shape }]): PlannedTensor => {
    if (recipe.tensors === 'language-matrices' && !isLanguageMatrix(name, shape)) return { name, parts: [] };
    const { slice, depth, nameIn } = placeIn(recipe, name, layers);
    const merged = mergedOf(recipe, slice);
    const parts = merged.map((model) => ({ model, name: nameIn(model) }));
    for (const part of parts) checkShape(sourceOf(part.model), part.name, base, name);
    const spelled = (of: CheckpointSource, canonical: string) => of.tensors.get(canonical)!.name;
    const names = parts.map((part) => spelled(sourceOf(part.model), part.name));
    return { name, parts, option: optionOf(recipe, slice, { name: spelled(base, name), depth, names }) };
  });
}

/** How a module of an adapter is merged. The recipe must be of whole models. */
export function optionFor(recipe: Recipe, module: string, layers: ReadonlyMap<string, number>): FilledMerge {
  const { slice, depth } = placeIn(recipe, module, layers);
  return optionOf(recipe, slice, { name: module, depth, names: slice.sources.map(() => module) });
}

/** The models of a slice that are merged: the base may stand among them, and is what they are compared with. */
function mergedOf({ file, method, base }: Recipe, { sources }: RecipeSlice): readonly RecipeSource[] {
  const merged = sources.filter(({ written }) => method === 'linear' || written !== base?.written);
  if (!merged.length) throw new UserError(`${file}: names no model besides the base. Add one.`);
  if (method === 'slerp' && merged.length !== 1)
    throw new UserError(`${file}: slerp takes the base and one other model, got ${merged.length}.`);
  return merged;
}

/** @param place the tensor's name in the result, how deep it lies, and its name in each model that is merged */
function optionOf(
  recipe: Recipe,
  slice: RecipeSlice,
  { name, depth, names }: { name: string; depth: number; names: readonly string[] },
): FilledMerge {
  const { parameters, option } = methods[recipe.method];
  const settings: TensorSettings = {
    all: settingsOf(parameters.ofAll, [slice.parameters, recipe.parameters], { name, depth }),
    models: mergedOf(recipe, slice).map((model, at) =>
      settingsOf(parameters.ofModels, [model.parameters, slice.parameters, recipe.parameters], {
        name: names[at],
        depth,
      }),
    ),
  };
  try {
    return option(settings);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(`${recipe.file}: ${name}: ${error.message}`);
  }
}

/** The settings of a tensor: of several records, the first one that has a value for it. */
function settingsOf(
  names: readonly string[],
  records: readonly Readonly<Record<string, Setting>>[],
  place: { name: string; depth: number },
): Record<string, number | boolean | undefined> {
  const found = (name: string) => {
    for (const record of records) {
      const value = Object.hasOwn(record, name) ? settingFor(record[name], place) : undefined;
      if (value !== undefined) return value;
    }
    return undefined;
  };
  return Object.fromEntries(names.map((name) => [name, found(name)]));
}

/** The slice that a tensor of the result belongs to, how deep it lies there, and its name in the slice's models. */
function placeIn(
  { slices }: Recipe,
  name: string,
  layers: ReadonlyMap<string, number>,
): { slice: RecipeSlice; depth: number; nameIn(source: RecipeSource): string } {
  const found = layerOf(name);
  const same = () => name;
  if (!found) return { slice: /embed/.test(name) ? slices[0] : slices[slices.length - 1], depth: 0, nameIn: same };
  if (!slices[0].sources[0].layers)
    return { slice: slices[0], depth: depthOf(found.layer, layers.get(found.before)!), nameIn: same };
  let first = 0;
  for (const slice of slices) {
    const [from, to] = slice.sources[0].layers!;
    const within = found.layer - first;
    if (within < to - from)
      return {
        slice,
        depth: depthOf(within, to - from),
        nameIn: (source) => `${found.before}${source.layers![0] + within}${found.after}`,
      };
    first += to - from;
  }
  throw new Error(`no slice for ${name}`);
}

/** 0 for the first layer, 1 for the last one; a single layer counts as the last. */
const depthOf = (layer: number, count: number) => (count > 1 ? layer / (count - 1) : 1);

/** @throws UserError for slices that do not make up the layers of the base */
function checkSlices({ file, slices, base }: Recipe, layers: ReadonlyMap<string, number>): void {
  if (!slices[0].sources[0].layers) return;
  if (layers.size !== 1)
    throw new UserError(
      `${file}: slices are of networks with one stack of layers; the base has ${layers.size}. Give models instead.`,
    );
  const [count] = layers.values();
  const sizes = slices.map(({ sources }, at) => {
    const [size, ...others] = sources.map((source) => source.layers![1] - source.layers![0]);
    if (others.some((other) => other !== size))
      throw new UserError(`${file}: slices[${at}] has sources of different numbers of layers.`);
    const beyond = sources.find((source) => source.layers![1] > count);
    if (beyond)
      throw new UserError(
        `${file}: slices[${at}] takes layers up to ${beyond.layers![1]} of ${beyond.written}, which has ${count}.`,
      );
    return size;
  });
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total !== count)
    throw new UserError(
      `${file}: the slices have ${total} layers in all, ${base?.written ?? 'the first model'} has ${count}. Other depths are not supported.`,
    );
}

/** @throws UserError for a tensor that one of two checkpoints lacks, and that does not lie in layers of a slice */
function checkTensors(source: CheckpointSource, base: CheckpointSource, sliced: boolean): void {
  const lacks = (of: CheckpointSource) => (name: string) => !of.tensors.has(name) && !(sliced && layerOf(name));
  const missing = [...base.tensors.keys()].find(lacks(source));
  const extra = [...source.tensors.keys()].find(lacks(base));
  if (missing ?? extra)
    throw new UserError(
      `${missing ? source.folder : base.folder}: has no ${missing ?? extra}, which ${missing ? base.folder : source.folder} has. Merge networks of one architecture.`,
    );
}

/** @throws UserError for a tensor that is missing or of another shape */
function checkShape(source: CheckpointSource, name: string, base: CheckpointSource, as: string): void {
  const [found, expected] = [source.tensors.get(name)?.shape, base.tensors.get(as)!.shape];
  if (found?.join() === expected.join()) return;
  const why = !found
    ? `has no ${name}`
    : /embed_tokens|lm_head/.test(as) && found[0] !== expected[0]
      ? `knows ${found[0]} tokens, ${base.folder} ${expected[0]}`
      : `has ${name} of the shape [${found}], ${base.folder} of [${expected}]`;
  throw new UserError(`${source.folder}: ${why}. Merge networks of one architecture and vocabulary.`);
}
