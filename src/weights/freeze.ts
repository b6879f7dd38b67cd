import { wrongOption } from '../checks/error.js';

/**
 * Split weight names into trainable and frozen ones.
 * @param freeze patterns in which `*` stands for any characters: `visual.*`, `model.layers.0.*`, `*.bias`
 * @throws UserError for a pattern that matches no name
 */
export function divideFrozen(
  names: readonly string[],
  freeze: readonly string[],
): { trainable: string[]; frozen: string[] } {
  const matchers = freeze.map((pattern) => ({ pattern, matches: globMatcher(pattern) }));
  const unmatched = matchers.find(({ matches }) => !names.some(matches));
  if (unmatched)
    throw wrongOption('freeze', unmatched.pattern, `a pattern of weight names such as ${names[0]} or visual.*`);
  const isFrozen = (name: string) => matchers.some(({ matches }) => matches(name));
  return { trainable: names.filter((name) => !isFrozen(name)), frozen: names.filter(isFrozen) };
}

function globMatcher(pattern: string): (name: string) => boolean {
  const literal = pattern.split('*').map((part) => part.replace(/[\\^$.+?()[\]{}|]/g, '\\$&'));
  const full = new RegExp(`^${literal.join('.*')}$`);
  return (name) => full.test(name);
}
