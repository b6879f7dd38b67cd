import { setImmediate } from 'node:timers/promises';

/** How far a long call is. */
export interface Progress {
  label: string;
  done: number;
  /** 0 where the end is not known. */
  total: number;
  /** What else to say: the loss, the speed. */
  note?: string;
}

/** Looks after one long call: shows how far it is, and can ask it to stop. */
export interface Watcher {
  /** Aborted when the user asks to stop; the reason is an error that says so. */
  signal: AbortSignal;
  show(progress: Progress): void;
  end(): void;
}

/** A long call that runs. */
export interface LongCall {
  /** Aborted by the caller or by the watcher: look at it after every step. */
  signal: AbortSignal;
  show(progress: Progress): void;
  /** Whether the user asked to stop, and not the caller, who would know. */
  interrupted(): boolean;
  /** To be called however the call ends. */
  close(): void;
}

let startWatching: () => Watcher | undefined = () => undefined;
let watched: { watcher: Watcher; calls: number } | undefined;

/** Have long calls watched from now on. `start` gives no watcher where nobody looks. */
export function watchLongCalls(start: () => Watcher | undefined): void {
  startWatching = start;
}

/**
 * Begin a call that may take more than a second. A call within another is watched with it: it stops with it and shows nothing of its own.
 * @param signal the caller's own way to stop it
 */
export async function openLongCall(signal?: AbortSignal): Promise<LongCall> {
  // Not in the synchronous part of a notebook's cell: there node:vm keeps SIGINT to itself, and lets it end the process afterwards
  // where a listener was added meanwhile.
  await setImmediate();
  const outermost = !watched;
  if (!watched) {
    const watcher = startWatching();
    if (watcher) watched = { watcher, calls: 0 };
  }
  if (!watched) {
    return {
      signal: signal ?? new AbortController().signal,
      show: () => {},
      interrupted: () => false,
      close: () => {},
    };
  }
  const mine = watched;
  mine.calls++;
  return {
    signal: signal ? AbortSignal.any([signal, mine.watcher.signal]) : mine.watcher.signal,
    show: outermost ? (progress) => mine.watcher.show(progress) : () => {},
    interrupted: () => mine.watcher.signal.aborted && !signal?.aborted,
    close() {
      mine.calls--;
      if (mine.calls) return;
      watched = undefined;
      mine.watcher.end();
    },
  };
}

/** `work` as one long call. */
export async function longCall<T>(signal: AbortSignal | undefined, work: (call: LongCall) => Promise<T>): Promise<T> {
  const call = await openLongCall(signal);
  try {
    return await work(call);
  } finally {
    call.close();
  }
}
