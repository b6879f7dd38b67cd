import { copyFileSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../checks/error.js';
import { requireNew, writeFolderAtomic } from '../../store/atomic.js';
import { finiteBfloat16, halfBytes } from '../../store/half.js';
import { readJsonFile } from '../../store/json-file.js';
import type { TensorToWrite } from '../../store/safetensors.js';
import { writeSharded } from '../../store/sharded-safetensors.js';
import { adaptedCheckpoint } from '../adapted-checkpoint.js';
import { allFinite, type CheckpointSource, openCheckpoint, requireNumbers } from '../checkpoint-source.js';
import { linearParts } from './linear.js';
import { mergeDeltas, mergeTensor } from './merge.js';
import { type PlannedTensor, planMerge } from './merge-plan.js';
import type { MergeReport } from './merge-report.js';
import { methods } from './recipe/methods.js';
import { dtypes, type Recipe, type RecipeModel } from './recipe/recipe.js';
import { addScaled, subtract } from './task-vector.js';
import { type TaskVectors, taskVectorSums } from './task-vector-sums.js';

/**
 * Merge checkpoints into a new folder, one tensor at a time: at most one tensor of every model is in memory, and its task vectors. Nothing is
 * left behind if it fails.
 * @param folderOf the Hugging Face folder or adapter that the recipe names; default the name itself
 * @throws UserError for models that do not fit together, are the base itself or hold NaN, and for a folder that exists
 */
export function mergeFolders(
  recipe: Recipe,
  out: string,
  folderOf: (name: string) => string = (name) => name,
): MergeReport {
  requireNew(out);
  if (methods[recipe.method].needsBase && !recipe.base)
    throw new UserError(
      `${recipe.file}: ${recipe.method} needs a base_model, the network that the models were tuned from.`,
    );
  const sources = new Map<string, CheckpointSource>();
  const sourceOf = ({ written, network, adapter }: RecipeModel) => {
    const known = sources.get(written);
    if (known) return known;
    const plain = openCheckpoint(folderOf(network));
    const source = adapter === undefined ? plain : adaptedCheckpoint(plain, folderOf(adapter));
    sources.set(written, source);
    return source;
  };
  const models = recipe.slices.flatMap(({ sources }) => sources);
  const base = sourceOf(recipe.base ?? models[0]);
  const plan = planMerge(recipe, base, sourceOf);
  requireOneVocabulary(base, [...sources.values()]);
  const names = [...new Set(plan.flatMap(({ parts }) => parts.map(({ model }) => model.written)))];
  const sums = taskVectorSums(names);
  writeFolderAtomic(out, (aside) => {
    copySettings(base.folder, aside, recipe.dtype);
    writeFileSync(join(aside, 'merge_recipe.yml'), recipe.text);
    writeSharded(
      aside,
      plan.map((planned) => writable(planned, base, sourceOf, recipe.dtype, sums.add)),
    );
    const still = sums.result()?.models.find(({ length }) => length === 0);
    if (still) throw new UserError(`${still.name}: equals the base, so there is nothing to merge. Take a tuned model.`);
  });
  const taskVectors = sums.result();
  return {
    out,
    method: recipe.method,
    models: names,
    merged: plan.filter(({ option }) => option).length,
    fromBase: plan.filter(({ option }) => !option).length,
    leftOut: base.leftOut,
    ...(taskVectors && { taskVectors }),
    warnings: taskVectors?.models.flatMap(farFromBase) ?? [],
  };
}

/** Networks of two random starts differ by more than their own length; tuned ones by a small part of it. */
const FAR = 0.7;

const farFromBase = ({ name, length, ofBase }: TaskVectors['models'][number]): string[] =>
  ofBase > FAR
    ? [
        `${name}: differs from the base by ${ofBase.toFixed(2)} of the base's length (${length.toFixed(1)}); was it tuned from this base?`,
      ]
    : [];

type Part = PlannedTensor['parts'][number];

/** A tensor of the result, computed when its turn comes. */
function writable(
  { name, parts, option }: PlannedTensor,
  base: CheckpointSource,
  sourceOf: (model: RecipeModel) => CheckpointSource,
  dtype: Recipe['dtype'],
  observe: (models: readonly string[], deltas: readonly Float32Array[], base: Float32Array) => void,
): TensorToWrite {
  const { name: written, shape, dtype: own } = base.tensors.get(name)!;
  const stored = dtype ?? own;
  const read = ({ model, name }: Part) => sourceOf(model).read(name);
  const compute = () => {
    if (!option) return base.read(name);
    if (option.kind === 'linear') return mergeTensor(name, { shape, models: parts.map(read) }, option);
    const from = base.read(name);
    if (option.kind === 'slerp') return mergeTensor(name, { shape, base: from, models: parts.map(read) }, option);
    // What was read becomes the task vector in place, so that no model's tensor is in memory twice.
    const deltas = parts.map((part) => subtract(read(part), from));
    observe(
      parts.map(({ model }) => model.written),
      deltas,
      from,
    );
    return addScaled(from, mergeDeltas(name, { shape, deltas }, option), option.lambda);
  };
  const finished = (values: Float32Array) => {
    const bytes =
      stored === 'BF16' ? finiteBfloat16(values) : allFinite(values) ? halfBytes(values, stored) : undefined;
    if (bytes) return bytes;
    // A model's own NaN is the better news.
    for (const part of parts) read(part);
    requireNumbers(values, `${written} of the result`);
    return halfBytes(values, stored);
  };
  const readers = parts.flatMap(({ model, name }) => {
    const source = sourceOf(model);
    return source.openParts ? [(most: number) => source.openParts!(name, most)] : [];
  });
  const inParts = option?.kind === 'linear' && readers.length === parts.length;
  const size = shape.reduce((product, side) => product * side, 1);
  return {
    name: written,
    shape: [...shape],
    dtype: stored,
    values: () =>
      inParts ? (give) => linearParts(size, readers, option, (part) => give(finished(part))) : finished(compute()),
  };
}

/** Files that belong to the weights of the base and not to the result. */
const ofWeights = /\.(safetensors|bin|gguf|pt|pth)$|\.index\.json$|^(checkpoint|moon-lab-model)\.json$/;

/** Configuration, tokenizer and whatever else stands beside the weights. */
function copySettings(from: string, to: string, dtype: Recipe['dtype']): void {
  for (const entry of readdirSync(from, { withFileTypes: true }))
    if (entry.isFile() && !ofWeights.test(entry.name)) copyFileSync(join(from, entry.name), join(to, entry.name));
  if (!dtype) return;
  const file = join(to, 'config.json');
  const config = readJsonFile(file, 'it describes the base') as Record<string, unknown>;
  const key = 'dtype' in config ? 'dtype' : 'torch_dtype';
  const [name] = Object.entries(dtypes).find(([, each]) => each === dtype)!;
  writeFileSync(file, `${JSON.stringify({ ...config, [key]: name }, null, 2)}\n`);
}

/** @throws UserError for tokenizers that give other ids than the base's */
function requireOneVocabulary(base: CheckpointSource, others: readonly CheckpointSource[]): void {
  const vocabularyOf = ({ folder }: CheckpointSource) => {
    const file = join(folder, 'tokenizer.json');
    if (!existsSync(file)) return undefined;
    const { model, added_tokens: added } = readJsonFile(file, 'copy it again') as {
      model?: { vocab?: unknown };
      added_tokens?: unknown;
    };
    return JSON.stringify([model?.vocab, added]);
  };
  const own = vocabularyOf(base);
  for (const other of new Set(others)) {
    const vocabulary = other.folder === base.folder ? own : vocabularyOf(other);
    if (own !== undefined && vocabulary !== undefined && vocabulary !== own)
      throw new UserError(
        `${other.folder}: has another vocabulary than ${base.folder}. Merge networks of one tokenizer.`,
      );
  }
}
