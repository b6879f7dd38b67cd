import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** A process, so that another one can tell later whether it still runs. */
export interface ProcessId {
  /** Name of its machine, for people. */
  host: string;
  /** Names what its number counts in, 8 hexadecimal digits: a machine since it started, and in it a container. */
  system: string;
  pid: number;
  /** When it started, in the system's own count; empty where the system does not say. */
  started: string;
}

export function thisProcess(): ProcessId {
  return { host: hostname(), system: thisSystem(), pid: process.pid, started: startOf(process.pid) };
}

/** Whether a process still runs; undefined for one of another system, of which nothing can be seen from here. */
export function isRunning({ system, pid, started }: Omit<ProcessId, 'host'>): boolean | undefined {
  if (system !== thisSystem()) return undefined;
  if (!(Number.isInteger(pid) && pid > 0)) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  // A number is given again once its process has ended.
  const now = startOf(pid);
  return !(started && now) || started === now;
}

let system: string | undefined;

/** Two containers may share a folder and a host name while each counts its own processes; Linux tells them apart. */
export function thisSystem(): string {
  system ??= createHash('sha256')
    .update([hostname(), told('/proc/sys/kernel/random/boot_id'), linked('/proc/self/ns/pid')].join('\n'))
    .digest('hex')
    .slice(0, 8);
  return system;
}

/** Field 22 of Linux's `stat`, in ticks since the machine started; the name in field 2 may hold spaces. */
function startOf(pid: number): string {
  return told(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ')[19] ?? '';
}

function told(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function linked(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return '';
  }
}
