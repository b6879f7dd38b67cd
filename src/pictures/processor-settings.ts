import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { wrongOption } from '../checks/error.js';
import { isObject } from '../data/tables/json.js';
import { readJsonFile } from '../store/json-file.js';

/** The settings of an image processor, and the file that has them. */
export interface ProcessorFile {
  file: string;
  json: Record<string, unknown>;
}

/**
 * The image processor of a Hugging Face folder, undefined if it has none. As in transformers 5, the settings within `processor_config.json`
 * come before those of `preprocessor_config.json`.
 * @throws UserError for a file that is not JSON, or holds no record
 */
export function findProcessor(dir: string): ProcessorFile | undefined {
  const [joint, own] = ['processor_config.json', 'preprocessor_config.json'].map((name) => join(dir, name));
  if (existsSync(joint)) {
    const { image_processor: json } = readRecord(joint);
    if (json !== undefined) return { file: `${joint}: image_processor`, json: checkRecord(joint, json) };
  }
  return existsSync(own) ? { file: own, json: readRecord(own) } : undefined;
}

/** @throws UserError for a folder without an image processor */
export function readProcessor(dir: string): ProcessorFile {
  const file = join(dir, 'preprocessor_config.json');
  return findProcessor(dir) ?? { file, json: readRecord(file) };
}

const readRecord = (file: string) =>
  checkRecord(file, readJsonFile(file, "copy it from the model's page into the folder"));

function checkRecord(file: string, json: unknown): Record<string, unknown> {
  if (!isObject(json)) throw wrongOption(file, json, 'a record of settings', "Copy it from the model's page.");
  return json;
}

export type Channels = [red: number, green: number, blue: number];

/** Readers of single settings. A setting that is left out has its default; one that does not fit is an error with its name. */
export function settingsReader({ file, json }: ProcessorFile) {
  const refuse = (key: string, expected: string, remedy = '') =>
    wrongOption(`${file}: ${key}`, json[key], expected, remedy);
  const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
  return {
    refuse,
    /** A file of another family's processor has other defaults and steps. */
    requireType(own: RegExp, expected: string) {
      const { image_processor_type: type } = json;
      if (type !== undefined && !(typeof type === 'string' && own.test(type)))
        throw refuse('image_processor_type', expected, 'Take the file of the same model.');
    },
    /** For steps that cannot be left out. transformers takes null for false. */
    requireTrue(...keys: string[]) {
      for (const key of keys) if (json[key] !== undefined && json[key] !== true) throw refuse(key, 'true');
    },
    positive(key: string, otherwise: number): number {
      const value = json[key] === undefined ? otherwise : json[key];
      if (!isNumber(value) || value <= 0) throw refuse(key, 'a number above 0');
      return value;
    },
    integer(key: string, otherwise: number): number {
      const value = json[key] === undefined ? otherwise : json[key];
      if (!Number.isInteger(value) || (value as number) <= 0) throw refuse(key, 'an integer above 0');
      return value as number;
    },
    channels(key: string, otherwise: Readonly<Channels>): Channels {
      const value = json[key] === undefined ? otherwise : json[key];
      if (
        !Array.isArray(value) ||
        value.length !== 3 ||
        !value.every(isNumber) ||
        (/std/.test(key) && value.includes(0))
      )
        throw refuse(key, 'three numbers: red, green, blue');
      return [value[0], value[1], value[2]];
    },
  };
}

/** The numbers of a size without those that are null; undefined if they are not exactly these. */
export function sizeOf<const Key extends string>(size: unknown, keys: readonly Key[]): Record<Key, number> | undefined {
  if (!isObject(size)) return undefined;
  const given = Object.entries(size).filter(([, value]) => value !== null);
  const fits =
    given.length === keys.length && keys.every((key) => Number.isInteger(size[key]) && (size[key] as number) > 0);
  return fits ? (Object.fromEntries(given) as Record<Key, number>) : undefined;
}
