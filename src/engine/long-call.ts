import { setImmediate } from 'node:timers/promises';

/** Progress of a long call. */
export interface Progress {
  label: string;
  done: number;
  /** 0 if the total is unknown. */
  total: number;
  /** Further text, such as the loss or the speed. */
  note?: string;
}

/** Watches one long call: shows its progress and can ask it to stop. */
export interface Watcher {
  /** Aborted when the user asks to stop. The reason is an error that says so. */
  signal: AbortSignal;
  show(progress: Progress): void;
  end(): void;
}

/** A running long call. */
export interface LongCall {
  /** Aborted by the caller or the watcher. Check it after every step. */
  signal: AbortSignal;
  show(progress: Progress): void;
  /** Whether the user, and not the caller, asked to stop. */
  interrupted(): boolean;
  /** Must be called when the call ends, even after an error. */
  close(): void;
}

let startWatching: () => Watcher | undefined = () => undefined;
let watched: { watcher: Watcher; calls: number } | undefined;

/** Register a watcher for all later long calls. `start` returns undefined if there is nobody to show progress to. */
export function watchLongCalls(start: () => Watcher | undefined): void {
  startWatching = start;
}

/**
 * Begin a call that may take more than a second. A call nested in another shares its watcher: it stops with the outer call and shows no
 * progress of its own.
 * @param signal lets the caller stop the call
 */
export async function openLongCall(signal?: AbortSignal): Promise<LongCall> {
  // Wait for the next event loop turn, out of the synchronous part of a notebook cell: there node:vm handles SIGINT itself, and would end
  // the process afterwards if a listener had been added meanwhile.
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

/** Run `work` as one long call. */
export async function longCall<T>(signal: AbortSignal | undefined, work: (call: LongCall) => Promise<T>): Promise<T> {
  const call = await openLongCall(signal);
  try {
    return await work(call);
  } finally {
    call.close();
  }
}
