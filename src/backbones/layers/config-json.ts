/** How the families read their `config.json`: every value that does not fit is named with its file. */

import { UserError } from '../../checks/error.js';

export type Json = Record<string, unknown>;

/** Reads numbers of a record; what is left out has the default, and without one is an error. */
export interface Reader {
  number(name: string, otherwise?: number): number;
  numbers(name: string, otherwise?: number[]): number[];
}

export function reader(json: Json, file: string): Reader {
  const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
  return {
    number(name, otherwise) {
      const value = json[name] ?? otherwise;
      if (!isNumber(value)) throw wrong(file, name, value, 'a number');
      return value;
    },
    numbers(name, otherwise) {
      const value = json[name] ?? otherwise;
      if (!Array.isArray(value) || !value.every(isNumber)) throw wrong(file, name, value, 'a list of numbers');
      return value;
    },
  };
}

export function record(value: unknown, file: string, what: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw wrong(file, what, value, 'a JSON object');
  return value as Json;
}

/**
 * @param setting its name in messages
 * @throws UserError for another activation of the feed-forward layers
 */
export function requireActivation(
  json: Json,
  file: string,
  name: 'silu' | 'gelu_pytorch_tanh',
  setting = 'hidden_act',
): void {
  if ((json.hidden_act ?? name) !== name) throw wrong(file, setting, json.hidden_act, `'${name}'`);
}

/** @throws UserError for a language model some of whose layers do not attend to all earlier tokens */
export function requireFullAttention(json: Json, file: string): void {
  const { layer_types: types } = json;
  const other = Array.isArray(types) ? types.find((type) => type !== 'full_attention') : undefined;
  if (other !== undefined)
    throw wrong(
      file,
      'layer_types',
      other,
      `'full_attention'`,
      'Sliding windows in the language model are not supported.',
    );
}

export function wrong(
  file: string,
  name: string,
  got: unknown,
  expected: string,
  remedy = 'Check the file.',
): UserError {
  return new UserError(`${file}: ${name} is ${JSON.stringify(got) ?? 'missing'}, expected ${expected}. ${remedy}`);
}
