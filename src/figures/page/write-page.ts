import { writeFileAtomic } from '../../store/atomic.js';

/** Write a page whole or not at all. Makes the folders it needs. @throws UserError when it cannot be written */
export function writePage(path: string, html: string): void {
  writeFileAtomic(path, html);
}
