import { inspect } from 'node:util';

/**
 * An error caused by the user. The message is one sentence with the value, what was expected and the remedy; it is shown without a stack
 * trace.
 * @example
 * ```ts
 * try {
 *   moon.readConfig({ base: 'grocery' }, ['imageSize=63']);
 * } catch (error) {
 *   if (!(error instanceof moon.UserError)) throw error;
 *   console.log(error.message); // what is wrong, and how to mend it
 * }
 * ```
 */
export class UserError extends Error {
  override name = 'UserError';

  /** What `console.log` prints. */
  [inspect.custom](): string {
    return `${this.name}: ${this.message}`;
  }
}

/** The error for a wrong value of an option: `region.kind: got 'detect', expected one of grounding | attention | none.` */
export function wrongOption(option: string, got: unknown, expected: string, remedy = ''): UserError {
  const shown = typeof got === 'number' ? String(got) : (JSON.stringify(got) ?? String(got));
  return new UserError(`${option}: got ${shown}, expected ${expected}.${remedy ? ` ${remedy}` : ''}`);
}

/** Throw an error if `condition` is false. Only for a bug in moon-lab: a state that no input should reach. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`internal error in moon-lab: ${message}`);
}
