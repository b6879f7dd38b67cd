import type { Found } from '../data/found.js';
import { foundLines } from '../data/found-text.js';

/** Says what was found of the data, in one to four lines; told again, only the lines that have changed. */
export function foundTeller(say: (text: string) => void): (found: Found) => void {
  const said = new Set<string>();
  return (found) => {
    for (const line of foundLines(found).filter((each) => !said.has(each))) {
      said.add(line);
      say(line);
    }
  };
}
