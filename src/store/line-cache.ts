import { readFile } from 'node:fs/promises';
import { writeFileAtomic } from './atomic.js';

/** How a value stands in a line of JSON. */
export interface LineForm<Value> {
  /** Undefined, or an error, for what is no value. */
  parse(json: unknown): readonly [key: string, value: Value] | undefined;
  show(key: string, value: Value): unknown;
}

/** Values by key in a file of JSON lines. */
export interface LineCache<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
  /** Number of damaged lines, which were ignored. */
  damaged: number;
  /**
   * Write new values, merged with those that other processes have written since. If two processes write at the same instant, one of them loses
   * its values.
   * @throws UserError when the file cannot be written
   */
  save(): Promise<void>;
}

/** @param remedy what to do when the file cannot be written */
export async function openLineCache<Value>(
  file: string,
  { parse, show }: LineForm<Value>,
  remedy: string,
): Promise<LineCache<Value>> {
  const { values, damaged } = await readLines();
  let isChanged = false;

  async function readLines() {
    const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n').filter(Boolean);
    const values = new Map<string, Value>();
    for (const line of lines) {
      try {
        const entry = parse(JSON.parse(line));
        if (entry) values.set(...entry);
      } catch {
        // A line that was not written to its end.
      }
    }
    return { values, damaged: lines.length - values.size };
  }

  return {
    get: (key) => values.get(key),
    set(key, value) {
      values.set(key, value);
      isChanged = true;
    },
    damaged,
    async save() {
      if (!isChanged) return;
      const all = new Map([...(await readLines()).values, ...values]);
      const lines = Array.from(all, ([key, value]) => `${JSON.stringify(show(key, value))}\n`);
      writeFileAtomic(file, lines.join(''), remedy);
      isChanged = false;
    },
  };
}
