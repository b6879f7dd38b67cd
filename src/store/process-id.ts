import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Identifies a process, so that another process can later tell whether it still runs. */
export interface ProcessId {
  /** Host name, for messages. */
  host: string;
  /** The namespace of the process id, as 8 hexadecimal digits: a machine since its last boot, and a container on it. */
  system: string;
  pid: number;
  /** Start time in the system's own units; empty if the system does not provide it. */
  started: string;
}

export function thisProcess(): ProcessId {
  return { host: hostname(), system: thisSystem(), pid: process.pid, started: startOf(process.pid) };
}

/** Whether a process still runs. Undefined for a process of another system, which cannot be seen from here. */
export function isRunning({ system, pid, started }: Omit<ProcessId, 'host'>): boolean | undefined {
  if (system !== thisSystem()) return undefined;
  if (!(Number.isInteger(pid) && pid > 0)) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  // The system reuses the id of a process that has ended.
  const now = startOf(pid);
  return !(started && now) || started === now;
}

let system: string | undefined;

/** Identifies this machine and container: two containers may share a folder and a host name, yet number their processes separately. */
export function thisSystem(): string {
  system ??= createHash('sha256')
    .update([hostname(), readText('/proc/sys/kernel/random/boot_id'), readLink('/proc/self/ns/pid')].join('\n'))
    .digest('hex')
    .slice(0, 8);
  return system;
}

/** Field 22 of Linux's `stat`: clock ticks since boot. The process name in field 2 may contain spaces. */
function startOf(pid: number): string {
  return readText(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ')[19] ?? '';
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function readLink(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return '';
  }
}
