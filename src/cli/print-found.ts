import type { Found } from '../data/found.js';
import { foundLines } from '../data/found-text.js';

/** A function that prints what was found of the data, in one to four lines. Later calls print only the lines that have changed. */
export function foundPrinter(print: (text: string) => void): (found: Found) => void {
  const printed = new Set<string>();
  return (found) => {
    for (const line of foundLines(found).filter((each) => !printed.has(each))) {
      printed.add(line);
      print(line);
    }
  };
}
