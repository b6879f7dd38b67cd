import type { NoteLine } from './text-blocks.js';

/** Parse a JSON object. Otherwise notes an issue `bad-json` and returns undefined. */
export function parseObject(
  text: string,
  line: number | undefined,
  note: NoteLine,
): Record<string, unknown> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    note('bad-json', line, (error as Error).message);
    return undefined;
  }
  if (isObject(value)) return value;
  note('bad-json', line, `expected an object {...}, got ${excerpt(text)}`);
  return undefined;
}

/** Whether a value is an object, and neither null nor a list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Quote a text from the user's data, shortened for a message. */
export function excerpt(text: string): string {
  return text.length > 60 ? `${JSON.stringify(text.slice(0, 60))}...` : JSON.stringify(text);
}
