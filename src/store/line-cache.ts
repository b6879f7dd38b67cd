import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { writeFileAtomic } from './atomic.js';

/** Values by key in a file of JSON lines, `[key, value]` each. Damaged lines are ignored. */
export interface LineCache<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
  /**
   * Write new values, merged with those that other processes have written since. If two processes write at the same instant, one of them loses
   * its values.
   * @throws UserError when the file cannot be written
   */
  save(): void;
}

/** @param isValue whether a value of the file is one */
export async function openLineCache<Value>(
  file: string,
  isValue: (value: unknown) => value is Value,
): Promise<LineCache<Value>> {
  const values = parse(await readFile(file, 'utf8').catch(() => ''), isValue);
  let isChanged = false;
  return {
    get: (key) => values.get(key),
    set(key, value) {
      values.set(key, value);
      isChanged = true;
    },
    save() {
      if (!isChanged) return;
      const all = new Map([...parse(readNow(file), isValue), ...values]);
      const lines = Array.from(all, (entry) => `${JSON.stringify(entry)}\n`);
      writeFileAtomic(file, lines.join(''), 'Free disk space, or use a writable folder.');
      isChanged = false;
    },
  };
}

function readNow(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function parse<Value>(text: string, isValue: (value: unknown) => value is Value): Map<string, Value> {
  const values = new Map<string, Value>();
  for (const line of text.split('\n')) {
    try {
      const [key, value]: unknown[] = JSON.parse(line);
      if (typeof key === 'string' && isValue(value)) values.set(key, value);
    } catch {
      // A line that was not written to its end.
    }
  }
  return values;
}
