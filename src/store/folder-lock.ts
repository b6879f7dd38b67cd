import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../checks/error.js';
import { writeError } from './atomic.js';
import { isRunning, type ProcessId, thisProcess, thisSystem } from './process-id.js';

const LOCK = 'lock';

/** Interval in milliseconds at which a holder updates the lock's modification time. Training can block the timer for seconds. */
const BEAT = 10_000;

/** Age in milliseconds at which a lock held by another machine counts as abandoned. */
export const STALE = 120_000;

/** An exclusive lock on a folder, respected by all processes on this machine and on others that share the disk. */
export interface FolderLock {
  /** @throws UserError if another process took over the folder, or the lock file was deleted */
  check(): void;
  /** @param renamed the folder's current path, if it was renamed */
  release(renamed?: string): void;
}

/** The holder of a lock, as written in the lock file. */
interface Holder extends ProcessId {
  /** 32 hexadecimal digits, unique to each lock ever taken. */
  token: string;
}

/** An existing lock. `seen` is its modification time in milliseconds since 1970. */
interface Held extends Holder {
  seen: number;
}

/**
 * Lock a folder against writes of other processes until the lock is released. The lock of a process that has ended is taken over: at once
 * if the process ran on this machine, after two minutes without an update if it ran on another.
 * @throws UserError if another process holds the lock or the folder cannot be written
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const path = join(folder, LOCK);
  const own = await guarded(folder, () => take(folder, path));
  const isOwn = (file: string) => read(file)?.token === own.token;
  const timer = setInterval(() => {
    try {
      if (isOwn(path)) utimesSync(path, new Date(), new Date());
    } catch {
      // The next update may succeed, and `check` reports what is wrong.
    }
  }, BEAT).unref();
  return {
    check() {
      if (!isOwn(path))
        throw new UserError(
          `${folder}: another process took over this folder while this one was suspended, or the file '${LOCK}' was deleted. Stop the other process, then resume.`,
        );
    },
    release(renamed = folder) {
      clearInterval(timer);
      const file = join(renamed, LOCK);
      if (isOwn(file)) rmSync(file, { force: true });
    },
  };
}

/**
 * Create the lock, or take it over from a dead holder. Checking a lock and replacing it are two steps, so of several processes that find
 * the same dead holder, each could remove the lock that another has just taken. Therefore the right to replace a holder is itself a lock,
 * named by the holder's token: a process that has this right checks again, and no other process can replace that holder meanwhile. A
 * process that dies in between leaves a lock with a dead holder, which is taken over in the same way.
 */
async function take(folder: string, path: string, isRight = false): Promise<Holder> {
  const own: Holder = { ...thisProcess(), token: randomBytes(16).toString('hex') };
  for (const end = Date.now() + STALE; Date.now() < end; await sleep(5)) {
    if (created(path, own)) return own;
    const held = read(path);
    if (!held) continue;
    if (isAlive(held)) {
      // A lock file created a moment ago may still be empty, and replacing a holder takes only a moment.
      if ((held.pid === 0 || isRight) && Date.now() - held.seen < 1000) continue;
      throw new UserError(refusal(folder, held));
    }
    const right = `${path}.${held.token}`;
    const turn = await take(folder, right, true);
    try {
      if (read(path)?.token !== held.token) continue;
      const aside = `${path}.${own.token}`;
      created(aside, own);
      renameSync(aside, path);
      return own;
    } finally {
      if (read(right)?.token === turn.token) rmSync(right, { force: true });
    }
  }
  throw new UserError(`${folder}: cannot read the file '${LOCK}' in this folder. Delete it.`);
}

/** Create a lock file. Returns false if it exists: only one of several processes succeeds. */
function created(path: string, holder: Holder): boolean {
  let handle: number;
  try {
    handle = openSync(path, 'wx');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  try {
    writeFileSync(handle, JSON.stringify(holder));
    return true;
  } catch (error) {
    // On a full disk the file exists but is empty.
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(handle);
  }
}

/** Read a lock file. `pid` is 0 if the file does not name its holder. */
function read(path: string): Held | undefined {
  let handle: number;
  try {
    handle = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const { mtimeMs, ino } = fstatSync(handle);
    const unknown = { host: '', system: '', pid: 0, started: '', token: `${ino}-${mtimeMs}` };
    return { ...unknown, ...parse(readFileSync(handle, 'utf8')), seen: mtimeMs };
  } finally {
    closeSync(handle);
  }
}

/** An earlier version of moon-lab wrote only the process id, of this machine. */
function parse(text: string): Partial<Holder> {
  try {
    const said = JSON.parse(text) as Partial<Record<keyof Holder, unknown>> | number;
    if (typeof said === 'number') return { ...thisProcess(), pid: said, started: '' };
    const { host, system, pid, started, token } = said;
    // The token becomes part of a file name, and a downloaded folder may contain any lock file.
    const isHolder = [host, system, started].every((each) => typeof each === 'string') && Number.isInteger(pid);
    return isHolder && /^[0-9a-f]{32}$/.test(String(token)) ? (said as Holder) : {};
  } catch {
    return {};
  }
}

/** Ask the system about a process of this machine; judge one of another machine by its last update. */
function isAlive(held: Held): boolean {
  return isRunning(held) ?? Date.now() - held.seen < STALE;
}

function refusal(folder: string, { host, system, pid, seen }: Held): string {
  const here = system === thisSystem();
  const who = pid === 0 ? 'another process' : `process ${pid}${here ? '' : ` on ${host}`}`;
  const sign = here ? '' : ` (last active ${Math.round((Date.now() - seen) / 1000)} s ago)`;
  return `${folder}: ${who} is writing to this folder${sign}. Wait until it ends, or delete the file '${LOCK}' in the folder.`;
}

async function guarded<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw writeError(folder, error);
  }
}
