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
import { isRunning, type ProcessId, thisProcess, thisSystem } from './process-id.js';

const LOCK = 'lock';

/** A holder shows every so many milliseconds that it lives, by the lock's time of change. Training blocks it for seconds at a time. */
const BEAT = 10_000;

/** A lock of another machine without a sign of life for so many milliseconds is taken over. */
export const STALE = 120_000;

/** A folder that no other process writes into, on this machine or another one that sees it. */
export interface FolderLock {
  /** @throws UserError when another process has taken the folder over, or somebody deleted the lock */
  check(): void;
  /** @param renamed the folder's name now, where it was renamed meanwhile */
  release(renamed?: string): void;
}

/** Who holds a lock, as its file says. */
interface Holder extends ProcessId {
  /** 32 hexadecimal digits, others for every lock that was ever taken. */
  token: string;
}

/** A lock that is there; `seen` is the last sign of life, in milliseconds since 1970. */
interface Held extends Holder {
  seen: number;
}

/**
 * Keep other processes from writing into a folder until the lock is released. A lock whose process has ended is taken over: at once
 * where it was one of this machine, after two minutes without a sign of life where it was another's.
 * @throws UserError when another process holds it or the folder cannot be written
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const path = join(folder, LOCK);
  const own = await guarded(folder, () => take(folder, path));
  const isOwn = (file: string) => read(file)?.token === own.token;
  const timer = setInterval(() => {
    try {
      if (isOwn(path)) utimesSync(path, new Date(), new Date());
    } catch {
      // The next beat may fare better, and `check` says what is wrong.
    }
  }, BEAT).unref();
  return {
    check() {
      if (!isOwn(path))
        throw new UserError(
          `${folder}: another process took this folder over while this one slept, or the file '${LOCK}' was deleted; stop the other one, then resume.`,
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
 * Make the lock, or take over that of a dead holder. To look and then to replace are two steps, and of several processes that find
 * the same dead holder each could remove the lock of the one before. So the right to replace a holder is a lock itself, named by
 * the holder's token: who has it looks again, and no one else can replace that holder meanwhile. A process that dies in between
 * leaves a lock with a dead holder, which is taken over in the same way.
 */
async function take(folder: string, path: string, isRight = false): Promise<Holder> {
  const own: Holder = { ...thisProcess(), token: randomBytes(16).toString('hex') };
  for (const end = Date.now() + STALE; Date.now() < end; await sleep(5)) {
    if (created(path, own)) return own;
    const held = read(path);
    if (!held) continue;
    if (isAlive(held)) {
      // What was made this moment has no content yet; who replaces a holder is done in a moment.
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
  throw new UserError(`${folder}: the file '${LOCK}' in it cannot be read; delete it.`);
}

/** Write a lock that is not there yet: of several processes one can. */
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
    // On a full disk there is a file and no room in it.
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(handle);
  }
}

/** The lock that is there; with process 0 where it does not say whose it is. */
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

/** A bare number is a process of this machine: an earlier moon-lab wrote no more. */
function parse(text: string): Partial<Holder> {
  try {
    const said = JSON.parse(text) as Partial<Record<keyof Holder, unknown>> | number;
    if (typeof said === 'number') return { ...thisProcess(), pid: said, started: '' };
    const { host, system, pid, started, token } = said;
    // The token becomes part of a file's name, and a downloaded folder may hold any lock.
    const isHolder = [host, system, started].every((each) => typeof each === 'string') && Number.isInteger(pid);
    return isHolder && /^[0-9a-f]{32}$/.test(String(token)) ? (said as Holder) : {};
  } catch {
    return {};
  }
}

/** A process of this machine is asked; of another one the last sign of life decides. */
function isAlive(held: Held): boolean {
  return isRunning(held) ?? Date.now() - held.seen < STALE;
}

function refusal(folder: string, { host, system, pid, seen }: Held): string {
  const here = system === thisSystem();
  const who = pid === 0 ? 'another process' : `process ${pid}${here ? '' : ` on ${host}`}`;
  const sign = here ? '' : ` (last sign of life ${Math.round((Date.now() - seen) / 1000)} s ago)`;
  return `${folder}: ${who} is writing here${sign}; wait for it, or delete the file '${LOCK}' in it.`;
}

async function guarded<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (!code) throw error;
    throw new UserError(`${folder}: cannot be written (${code}); choose a folder where you may write.`);
  }
}
