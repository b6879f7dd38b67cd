import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loraModule, loraNames } from '../../backbones/layers/adapted-linear.js';
import { UserError, wrongOption } from '../../checks/error.js';
import { requireNew, writeFolderAtomic } from '../../store/atomic.js';
import { readJsonFile } from '../../store/json-file.js';
import { readHeader, readTensor, type SafetensorsFile, writeSafetensors } from '../../store/safetensors.js';
import { requireNumbers } from '../checkpoint-source.js';
import { readLoraConfig } from '../lora-config.js';
import { ADAPTER } from '../lora-file.js';
import { linearWeights, mergeLinear } from './linear.js';
import { mergeDeltas } from './merge.js';
import { optionFor } from './merge-plan.js';
import type { MergeReport } from './merge-report.js';
import type { FilledMerge } from './option.js';
import type { JoinOption, Recipe } from './recipe/recipe.js';
import { firstTriples, Matrix, scaleColumns, singular, sumOf, valuesOf } from './spectral.js';
import { layerCounts } from './tensor-place.js';

/** An adapter in PEFT's format: W + alpha / rank * B A for each module. */
interface Adapter {
  written: string;
  folder: string;
  source: SafetensorsFile;
  scale: number;
}

/** Two matrices: down (A) [rank, in] and up (B) [out, rank]. */
interface Pair {
  down: Matrix;
  up: Matrix;
}

/** Whether a folder holds an adapter. */
export const isAdapter = (folder: string): boolean =>
  existsSync(join(folder, ADAPTER.config)) && !existsSync(join(folder, 'config.json'));

/**
 * Merge LoRA adapters of one network into one adapter in PEFT's format, of scale 1.
 * @throws UserError for adapters of different modules or ranks, and for a folder that exists
 */
export function mergeAdapters(
  recipe: Recipe,
  out: string,
  folderOf: (name: string) => string = (name) => name,
): MergeReport {
  requireNew(out);
  const how: JoinOption = recipe.join ?? { kind: recipe.method === 'linear' ? 'cat' : 'svd' };
  if (how.kind !== 'svd' && recipe.method !== 'linear')
    throw new UserError(`${recipe.file}: moon_lab.join ${how.kind} sums adapters up; ${recipe.method} needs svd.`);
  const [{ sources }] = recipe.slices;
  if (sources[0].layers) throw new UserError(`${recipe.file}: slices are of networks; give adapters as models.`);
  const adapters = sources.map(({ written }) => openAdapter(written, folderOf(written)));
  const modules = modulesOf(adapters);
  const layers = layerCounts(modules);
  const pairs = modules.map((module) => {
    const option = optionFor(recipe, module, layers);
    return merged(module, adapters.map(readPair(module)), option, how);
  });
  writeFolderAtomic(out, (aside) => {
    writeAdapter(aside, adapters[0], modules, pairs);
    writeFileSync(join(aside, 'merge_recipe.yml'), recipe.text);
  });
  return {
    out,
    method: `${recipe.method}, ${how.kind}`,
    models: sources.map(({ written }) => written),
    merged: modules.length,
    fromBase: 0,
    leftOut: [],
    warnings: [],
  };
}

function merged(module: string, pairs: readonly Pair[], option: FilledMerge, how: JoinOption): Pair {
  if (option.kind === 'slerp')
    throw new UserError('slerp merges networks; adapters take linear, or a method of task vectors.');
  if (option.kind === 'linear' && how.kind !== 'svd') {
    const weights = linearWeights(option, pairs.length);
    return how.kind === 'cat' ? sideBySide(pairs, weights) : summedApart(module, pairs, weights);
  }
  const deltas = pairs.map(({ down, up }) => valuesOf(up.mmul(down)));
  const shape = [pairs[0].up.rows, pairs[0].down.columns];
  const sum =
    option.kind === 'linear'
      ? mergeLinear(deltas, option)
      : mergeDeltas(module, { shape, deltas }, option).map((value) => value * option.lambda);
  const rank = (how.kind === 'svd' ? how.rank : undefined) ?? Math.max(...pairs.map(({ down }) => down.rows));
  if (rank > Math.min(...shape))
    throw wrongOption('moon_lab.rank', rank, `at most ${Math.min(...shape)}, the smaller side of ${module}`);
  const { U, s, V } = firstTriples(singular(Matrix.from1DArray(shape[0], shape[1], Array.from(sum))), rank);
  return { down: V.transpose(), up: scaleColumns(U, s) };
}

function sideBySide(pairs: readonly Pair[], weights: readonly number[]): Pair {
  const rows = pairs.flatMap(({ down }, at) => Matrix.mul(down, weights[at]).to2DArray());
  const columns = pairs.flatMap(({ up }) => up.transpose().to2DArray());
  return { down: new Matrix(rows), up: new Matrix(columns).transpose() };
}

/** The root of a weight on either side, its sign on one, as in PEFT. */
function summedApart(module: string, pairs: readonly Pair[], weights: readonly number[]): Pair {
  const ranks = pairs.map(({ down }) => down.rows);
  if (ranks.some((rank) => rank !== ranks[0]))
    throw new UserError(
      `${module}: adapters of the ranks ${ranks.join(', ')} cannot be summed apart. Take cat or svd.`,
    );
  const roots = weights.map((weight) => Math.sqrt(Math.abs(weight)));
  return {
    down: sumOf(pairs.map(({ down }, at) => Matrix.mul(down, roots[at]))),
    up: sumOf(pairs.map(({ up }, at) => Matrix.mul(up, roots[at] * Math.sign(weights[at])))),
  };
}

function openAdapter(written: string, folder: string): Adapter {
  const { rank, alpha } = readLoraConfig(join(folder, ADAPTER.config), (name) => name);
  return { written, folder, source: readHeader(join(folder, ADAPTER.weights)), scale: alpha / rank };
}

/** Names of the adapted modules, as PEFT writes them. @throws UserError for adapters of different modules or shapes */
function modulesOf(adapters: readonly Adapter[]): string[] {
  const [first] = adapters;
  const modules = [...first.source.tensors.keys()].flatMap((name) => {
    const found = loraModule(name);
    return found?.part === 'down' ? [found.module] : [];
  });
  for (const { source } of adapters) {
    if (source.tensors.size !== 2 * modules.length)
      throw new UserError(
        `${source.file}: adapts ${source.tensors.size / 2} modules, ${first.source.file} ${modules.length}. Merge adapters of the same modules.`,
      );
    for (const module of modules) {
      const { down, up } = loraNames(module);
      const sides = [source, first.source].map(({ tensors }) =>
        [tensors.get(down)?.shape[1], tensors.get(up)?.shape[0]].join(' -> '),
      );
      if (sides[0] !== sides[1])
        throw new UserError(
          `${source.file}: ${module} is ${sides[0]}, in ${first.source.file} ${sides[1]}. Merge adapters of one network.`,
        );
    }
  }
  return modules;
}

/** The two matrices of a module, the scale in B. */
const readPair =
  (module: string) =>
  ({ source, scale }: Adapter): Pair => {
    const matrix = (name: string) => {
      const values = readTensor(source, name) as Float32Array;
      requireNumbers(values, `${source.file}: ${name}`);
      const [rows, columns] = source.tensors.get(name)!.shape;
      return Matrix.from1DArray(rows, columns, Array.from(values));
    };
    const { down, up } = loraNames(module);
    return { down: matrix(down), up: matrix(up).mul(scale) };
  };

function writeAdapter(folder: string, like: Adapter, modules: readonly string[], pairs: readonly Pair[]): void {
  const tensors = modules.flatMap((module, at) =>
    (['down', 'up'] as const).map((side) => {
      const matrix = pairs[at][side];
      return { name: loraNames(module)[side], shape: [matrix.rows, matrix.columns], values: () => valuesOf(matrix) };
    }),
  );
  writeSafetensors(join(folder, ADAPTER.weights), tensors);
  const rank = pairs[0].down.rows;
  const config = readJsonFile(join(like.folder, ADAPTER.config), 'save the adapter again') as object;
  writeFileSync(join(folder, ADAPTER.config), `${JSON.stringify({ ...config, r: rank, lora_alpha: rank }, null, 2)}\n`);
}
