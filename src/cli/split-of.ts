import { wrongOption } from '../checks/error.js';
import type { Split } from '../data/types.js';

const splits: readonly Split[] = ['train', 'dev', 'val', 'test'];

/** The split that `--split` names. @throws UserError for another word */
export function splitOf(name: string): Split {
  const found = splits.find((each) => each === name);
  if (!found) throw wrongOption('--split', name, splits.join(' | '));
  return found;
}
