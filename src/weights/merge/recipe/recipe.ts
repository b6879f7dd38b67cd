import { readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';
import { UserError, wrongOption } from '../../../checks/error.js';
import { requirePath } from '../../../checks/missing-path.js';
import { nearNames } from '../../../checks/nearest-name.js';
import { isRecord } from '../../../checks/schema.js';
import { mergedTensors } from '../option.js';
import { type MethodName, type MethodOfRecipes, methodNames, methods } from './methods.js';
import { parseSetting, type Setting } from './setting.js';

export type Settings = Readonly<Record<string, Setting>>;

/** A network of a recipe. */
export interface RecipeModel {
  /** A Hugging Face folder, a run, or the name of a downloaded network. */
  network: string;
  /** An adapter of it in PEFT's format (`network+adapter`). */
  adapter?: string;
  /** How the recipe writes it. */
  written: string;
}

/** What becomes the same number of layers of the result. */
export interface RecipeSource extends RecipeModel {
  parameters: Settings;
  /** Layers of the model, the end not included; without it all. */
  layers?: readonly [from: number, to: number];
}

/** Some layers of the result, from several models. */
export interface RecipeSlice {
  sources: readonly RecipeSource[];
  parameters: Settings;
}

/** The types in which numbers are stored. */
export const dtypes = { float32: 'F32', float16: 'F16', bfloat16: 'BF16' } as const;

/** A recipe in mergekit's format. */
export interface Recipe {
  /** Named in errors. */
  file: string;
  /** As it was written. */
  text: string;
  method: MethodName;
  base?: RecipeModel;
  /** One slice for a recipe of whole models. */
  slices: readonly RecipeSlice[];
  parameters: Settings;
  /** How the result is stored; as the base is, without it. */
  dtype?: 'F32' | 'F16' | 'BF16';
  /** Which tensors merge; the others are the base's. */
  tensors: MethodOfRecipes['tensors'];
  /** How adapters become one. */
  join?: JoinOption;
}

/**
 * How the two matrices of adapters become those of one.
 * - `cat`: ranks side by side, so that the result is exactly the weighted sum (PEFT's cat).
 * - `apart`: A and B are summed apart, which adds products of one model's B with another's A (PEFT's linear).
 * - `svd`: the products, merged by any method, cut to `rank` singular values; default the largest rank of the adapters.
 */
export type JoinOption = { kind: 'cat' } | { kind: 'apart' } | { kind: 'svd'; rank?: number };

const keys = [
  'merge_method',
  'base_model',
  'models',
  'slices',
  'parameters',
  'dtype',
  'out_dtype',
  'tokenizer_source',
  'moon_lab',
];

/** @throws UserError for a file that is not such a recipe, or a part of it that is not supported, by its name */
export function readRecipe(file: string): Recipe {
  requirePath(file);
  return parseRecipe(readFileSync(file, 'utf8'), file);
}

/** @param file named in errors @throws UserError as `readRecipe` */
export function parseRecipe(text: string, file = 'recipe'): Recipe {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error) throw new UserError(`${file}: is not YAML: ${error.message.split('\n')[0].replace(/:$/, '')}.`);
  const recipe = fields(document.toJS(), file, keys);
  const method = methodOf(recipe.merge_method, file);
  const { tensors, parameters: known } = methods[method];
  const settings = (value: unknown, where: string, allowed: readonly string[]) =>
    parseSettings(value, `${file}: ${where}`, allowed);
  const base =
    recipe.base_model === undefined || recipe.base_model === null
      ? undefined
      : modelOf(recipe.base_model, `${file}: base_model`);
  if ((recipe.models === undefined) === (recipe.slices === undefined))
    throw new UserError(
      `${file}: has ${recipe.models ? 'both' : 'neither'} models ${recipe.models ? 'and' : 'nor'} slices. Give one of them.`,
    );
  const sourceOf = (value: unknown, where: string, more: string[]): RecipeSource => {
    const source = fields(value, `${file}: ${where}`, ['model', 'parameters', ...more]);
    return {
      ...modelOf(source.model, `${file}: ${where}.model`),
      parameters: settings(source.parameters, `${where}.parameters`, [...known.ofModels, ...known.ofAll]),
      ...(more.length > 0 && { layers: layersOf(source.layer_range, `${file}: ${where}.layer_range`) }),
    };
  };
  const slices = recipe.slices
    ? entries(recipe.slices, `${file}: slices`).map((slice, at): RecipeSlice => {
        const { sources, parameters } = fields(slice, `${file}: slices[${at}]`, ['sources', 'parameters']);
        return {
          sources: entries(sources, `${file}: slices[${at}].sources`).map((source, place) =>
            sourceOf(source, `slices[${at}].sources[${place}]`, ['layer_range']),
          ),
          parameters: settings(parameters, `slices[${at}].parameters`, [...known.ofModels, ...known.ofAll]),
        };
      })
    : [
        {
          sources: entries(recipe.models, `${file}: models`).map((model, at) => sourceOf(model, `models[${at}]`, [])),
          parameters: {},
        },
      ];
  requireBaseTokenizer(recipe.tokenizer_source, base, file);
  return {
    file,
    text,
    method,
    base,
    slices,
    parameters: settings(recipe.parameters, 'parameters', [...known.ofModels, ...known.ofAll]),
    dtype: dtypeOf(recipe.out_dtype ?? recipe.dtype, file),
    tensors,
    ...ownSettings(recipe.moon_lab, file),
  };
}

/** A record with no other fields than these. */
function fields(value: unknown, where: string, known: readonly string[]): Record<string, unknown> {
  if (!isRecord(value)) throw wrongOption(where, value, `a record of ${known.join(', ')}`);
  const unknown = Object.keys(value).find((name) => !known.includes(name));
  if (unknown === undefined) return value;
  const [near] = nearNames(unknown, known);
  throw new UserError(
    `${where}: ${unknown} is not supported; ${near ? `did you mean ${near}?` : `it takes ${known.join(', ')}.`}`,
  );
}

function entries(value: unknown, where: string): unknown[] {
  if (!Array.isArray(value) || !value.length) throw wrongOption(where, value, 'a list of at least one');
  return value;
}

function methodOf(name: unknown, file: string): MethodName {
  const method = methodNames.find((each) => each === name);
  if (!method) throw wrongOption(`${file}: merge_method`, name, `one of ${methodNames.join(' | ')}`);
  return method;
}

function modelOf(value: unknown, where: string): RecipeModel {
  if (typeof value !== 'string' || !value) throw wrongOption(where, value, 'a folder, or folder+adapter');
  const [network, adapter, ...more] = value.split('+');
  if (!network || adapter === '' || more.length) throw wrongOption(where, value, 'a folder, or folder+adapter');
  return { network, written: value, ...(adapter !== undefined && { adapter }) };
}

function parseSettings(value: unknown, where: string, known: readonly string[]): Settings {
  if (value === undefined || value === null) return {};
  return Object.fromEntries(
    Object.entries(fields(value, where, known)).map(([name, setting]) => [
      name,
      parseSetting(setting, `${where}.${name}`),
    ]),
  );
}

function layersOf(value: unknown, where: string): readonly [number, number] {
  const [from, to, ...more] = Array.isArray(value) ? value : [];
  if (!Number.isInteger(from) || !Number.isInteger(to) || from < 0 || to <= from || more.length)
    throw wrongOption(where, value, 'the first layer and the one after the last, such as [0, 8]');
  return [from, to];
}

function dtypeOf(value: unknown, file: string): Recipe['dtype'] {
  if (value === undefined || value === null) return undefined;
  const found = Object.entries(dtypes).find(([name]) => name === value);
  if (!found) throw wrongOption(`${file}: dtype`, value, `one of ${Object.keys(dtypes).join(' | ')}`);
  return found[1];
}

/** What mergekit does not know, apart from its keys so that it can read the recipe. */
function ownSettings(value: unknown, file: string): Pick<Recipe, 'join'> & Partial<Pick<Recipe, 'tensors'>> {
  if (value === undefined) return {};
  const { tensors, join: kind, rank } = fields(value, `${file}: moon_lab`, ['tensors', 'join', 'rank']);
  const merged = mergedTensors.find((each) => each === tensors);
  if (tensors !== undefined && !merged)
    throw wrongOption(`${file}: moon_lab.tensors`, tensors, mergedTensors.join(' | '));
  if (kind !== undefined && kind !== 'cat' && kind !== 'apart' && kind !== 'svd')
    throw wrongOption(`${file}: moon_lab.join`, kind, 'cat | apart | svd');
  if (rank !== undefined && (kind !== 'svd' || !(Number.isInteger(rank) && Number(rank) >= 1)))
    throw wrongOption(`${file}: moon_lab.rank`, rank, 'an integer of at least 1, with join: svd');
  return {
    ...(merged && { tensors: merged }),
    ...(kind && { join: kind === 'svd' ? { kind, ...(rank !== undefined && { rank: Number(rank) }) } : { kind } }),
  };
}

/** Vocabularies are not joined. */
function requireBaseTokenizer(source: unknown, base: RecipeModel | undefined, file: string): void {
  if (source === undefined || source === null || source === 'base' || source === base?.written) return;
  throw wrongOption(`${file}: tokenizer_source`, source, "'base'", 'Vocabularies are not joined here.');
}
