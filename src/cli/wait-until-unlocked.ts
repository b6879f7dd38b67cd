import { mkdirSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { UserError } from '../checks/error.js';
import { lockFolder, STALE } from '../store/folder-lock.js';

/** How long a process waits for the lock of an earlier one, whose machine may be gone. In milliseconds. */
const LOCK_TIMEOUT = STALE + 30_000;

/** A process that lost its driver may hold the lock of a run until the end of its step. */
export async function waitUntilUnlocked(run: string): Promise<void> {
  mkdirSync(run, { recursive: true });
  for (const end = Date.now() + LOCK_TIMEOUT; ; await setTimeout(500)) {
    try {
      return (await lockFolder(run)).release();
    } catch (error) {
      if (!(error instanceof UserError) || Date.now() > end) throw error;
    }
  }
}
