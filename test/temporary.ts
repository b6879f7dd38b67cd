import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * One temporary folder for all tests, removed when they end: some write hundreds of megabytes. Its path is short, because the sockets of
 * PostgreSQL and Ray below it may have 107 characters.
 */
export function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'moon-'));
  // As open as /tmp: PostgreSQL and the tests of rights run as other users.
  chmodSync(folder, 0o1777);
  process.env.TMPDIR = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
