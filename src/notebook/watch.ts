import { UserError } from '../checks/error.js';
import { type Watcher, watchLongCalls } from '../engine/long-call.js';
import { kernelDisplay } from './kernel.js';
import { type ProgressBar, progressBar } from './progress.js';

/** Calls shorter than this show no bar, in milliseconds. */
const patience = 500;

/** In a notebook every long call shows a bar, and stops after the running step when the kernel is interrupted. */
export function watchInNotebook(): void {
  watchLongCalls(() => (kernelDisplay() ? startWatcher() : undefined));
}

/**
 * tslab's own listener gives a cell up at once, while what the cell started runs on: it waits until a second interrupt.
 * Here a cell ends when its work has ended, with a message.
 */
function startWatcher(): Watcher {
  const controller = new AbortController();
  const kernels = process.listeners('SIGINT');
  const interrupt: NodeJS.SignalsListener = (signal) => {
    if (controller.signal.aborted) for (const listener of kernels) listener(signal);
    else controller.abort(new UserError('Interrupted: the call stopped after the running step.'));
  };
  // Never without a listener: the signal would end the kernel.
  process.on('SIGINT', interrupt);
  for (const listener of kernels) process.off('SIGINT', listener);
  const started = performance.now();
  let bar: ProgressBar | undefined;
  return {
    signal: controller.signal,
    show(progress) {
      if (!bar && performance.now() - started < patience) return;
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
