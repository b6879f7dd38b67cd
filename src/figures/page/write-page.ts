import { writeFileAtomic } from '../../store/atomic.js';

/** Write a page atomically, and create the folders it needs. @throws UserError if it cannot be written */
export function writePage(path: string, html: string): void {
  writeFileAtomic(path, html);
}
