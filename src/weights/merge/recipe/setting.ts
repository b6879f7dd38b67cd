import { UserError, wrongOption } from '../../../checks/error.js';
import { isRecord } from '../../../checks/schema.js';

/** A value of mergekit's recipes: one for all tensors, or by parts of their names; a list of numbers runs from the first layer to the last. */
export type Setting = Scalar | readonly number[] | readonly Conditional[];
type Scalar = number | boolean;

interface Conditional {
  /** A part of the names of the tensors that it is for; without it all. */
  filter?: string;
  value: Scalar | readonly number[];
}

/** Where a tensor stands: its name in the file, and its layer from 0 (first) to 1 (last); 0 outside of layers. */
export interface TensorPlace {
  name: string;
  depth: number;
}

/** @throws UserError for what is not a setting */
export function parseSetting(value: unknown, where: string): Setting {
  if (isValue(value)) return value;
  if (!Array.isArray(value) && !isRecord(value)) throw wrongSetting(value, where);
  return [value].flat().map((each: unknown, at): Conditional => {
    const place = Array.isArray(value) ? `${where}[${at}]` : where;
    if (!isRecord(each) || !isValue(each.value)) throw wrongSetting(each, place);
    const { filter, value: own, ...rest } = each;
    const [unknown] = Object.keys(rest);
    if (unknown) throw new UserError(`${place}.${unknown}: is not known; a condition has filter and value.`);
    if (filter !== undefined && filter !== null && typeof filter !== 'string')
      throw wrongOption(`${place}.filter`, filter, 'a text');
    return { value: own, ...(filter && filter !== '*' && { filter }) };
  });
}

const isScalar = (value: unknown): value is Scalar => typeof value === 'boolean' || Number.isFinite(value);
const isValue = (value: unknown): value is Scalar | number[] =>
  isScalar(value) || (Array.isArray(value) && value.length > 0 && value.every((each) => Number.isFinite(each)));
const wrongSetting = (value: unknown, where: string) =>
  wrongOption(where, value, 'a number, a list of numbers, or a list of { filter, value }');

/** The value of a setting for a tensor; undefined if no filter fits. */
export function settingFor(setting: Setting, { name, depth }: TensorPlace): Scalar | undefined {
  if (isScalar(setting)) return setting;
  if (isGradient(setting)) return along(setting, depth);
  const fits = setting.find(({ filter }) => filter === undefined || name.includes(filter));
  return fits && settingFor(fits.value, { name, depth });
}

const isGradient = (list: readonly number[] | readonly Conditional[]): list is readonly number[] =>
  typeof list[0] === 'number';

/** The value of a list at a depth from 0 to 1, on the straight line between its neighbours. */
function along(list: readonly number[], depth: number): number {
  const at = depth * (list.length - 1);
  const below = Math.floor(at);
  const next = Math.min(list.length - 1, below + 1);
  return list[below] + (at - below) * (list[next] - list[below]);
}
