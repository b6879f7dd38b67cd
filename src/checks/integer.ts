import { wrongOption } from './error.js';

/** Integers as texts, from the command line and the environment. */

export interface IntegerRange {
  min: number;
  max?: number;
}

/** Threads of an engine, wherever they are set. */
export const threadRange: IntegerRange = { min: 1, max: 1024 };

/** The integer that a text of digits stands for; undefined for any other text, and outside the range. */
export function integerOf(text: string, { min, max = Number.MAX_SAFE_INTEGER }: IntegerRange): number | undefined {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return value >= min && value <= max ? value : undefined;
}

/** `of at least 1`, `from 1 to 1024` */
export const rangeText = ({ min, max }: IntegerRange) =>
  max === undefined ? `of at least ${min}` : `from ${min} to ${max}`;

/**
 * The integer in an environment variable; undefined if it is empty or not set.
 * @throws UserError for any other text, and outside the range
 */
export function environmentInteger(name: string, range: IntegerRange): number | undefined {
  const text = process.env[name];
  if (!text) return undefined;
  const value = integerOf(text, range);
  if (value === undefined) throw wrongOption(name, text, `an integer ${rangeText(range)}`);
  return value;
}
