import { UserError } from '../checks/error.js';
import { type Watcher, watchLongCalls } from '../engine/long-call.js';
import { kernelDisplay } from './kernel.js';
import { type ProgressBar, progressBar } from './progress.js';

/** Calls shorter than this show no bar. In milliseconds. */
const barDelay = 500;

/** In a notebook, show a progress bar for every long call, and stop the call after the running step when the kernel is interrupted. */
export function watchInNotebook(): void {
  watchLongCalls(() => (kernelDisplay() ? startWatcher() : undefined));
}

/**
 * On an interrupt, tslab's own listener ends the cell at once while its work keeps running. So the first interrupt stops the work, which
 * ends the cell with a message; only a second one goes to tslab.
 */
function startWatcher(): Watcher {
  const controller = new AbortController();
  const kernels = process.listeners('SIGINT');
  const interrupt: NodeJS.SignalsListener = (signal) => {
    if (controller.signal.aborted) for (const listener of kernels) listener(signal);
    else controller.abort(new UserError('Interrupted: the call stopped after the running step.'));
  };
  // Add our listener before removing theirs: without any, the signal would kill the kernel.
  process.on('SIGINT', interrupt);
  for (const listener of kernels) process.off('SIGINT', listener);
  const started = performance.now();
  let bar: ProgressBar | undefined;
  return {
    signal: controller.signal,
    show(progress) {
      if (!bar && performance.now() - started < barDelay) return;
      bar ??= progressBar(process.stderr, started);
      bar.show(progress);
    },
    end() {
      for (const listener of kernels) process.on('SIGINT', listener);
      process.off('SIGINT', interrupt);
      bar?.end();
    },
  };
}
