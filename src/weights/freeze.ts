import { wrongOption } from '../checks/error.js';

/**
 * Divide weights into those that train and those that stay, by name.
 * @param freeze patterns in which `*` stands for any characters: `visual.*`, `model.layers.0.*`, `*.bias`
 * @throws UserError for a pattern that matches no name: it would freeze nothing in silence
 */
export function divideFrozen(
  names: readonly string[],
  freeze: readonly string[],
): { encoder: string[]; frozen: string[] } {
  const matchers = freeze.map((pattern) => ({ pattern, matches: globMatcher(pattern) }));
  const idle = matchers.find(({ matches }) => !names.some(matches));
  if (idle) throw wrongOption('freeze', idle.pattern, `a pattern of weight names such as ${names[0]} or visual.*`);
  const isFrozen = (name: string) => matchers.some(({ matches }) => matches(name));
  return { encoder: names.filter((name) => !isFrozen(name)), frozen: names.filter(isFrozen) };
}

function globMatcher(pattern: string): (name: string) => boolean {
  const literal = pattern.split('*').map((part) => part.replace(/[\\^$.+?()[\]{}|]/g, '\\$&'));
  const whole = new RegExp(`^${literal.join('.*')}$`);
  return (name) => whole.test(name);
}
