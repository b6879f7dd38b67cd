import { inspect } from 'node:util';

/** A mistake of the user's: one sentence with the value, what was expected and the remedy. Shown without a stack. */
export class UserError extends Error {
  override name = 'UserError';

  /** What `console.log` prints of it. */
  [inspect.custom](): string {
    return `${this.name}: ${this.message}`;
  }
}

/** Refuse a wrong option: `region.kind: got 'detect', expected one of grounding | attention | none.` */
export function wrongOption(option: string, got: unknown, expected: string, remedy = ''): UserError {
  const shown = typeof got === 'number' ? String(got) : (JSON.stringify(got) ?? String(got));
  return new UserError(`${option}: got ${shown}, expected ${expected}.${remedy ? ` ${remedy}` : ''}`);
}

/** An error of ours: a state that no input should reach. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`moon-lab is wrong about itself: ${message}`);
}
