import { randomUUID } from 'node:crypto';
import type { Progress } from '../engine/long-call.js';
import { escapeText } from '../figures/page/escape.js';
import { kernelDisplay } from './kernel.js';
import { display } from './show.js';

/** A display of progress. The last state stays visible. */
export interface ProgressBar {
  show(progress: Progress): void;
  /** Draw the last state, even if a redraw is not due yet, and end the line. */
  end(): void;
}

/** Minimum time between two redraws, in milliseconds. A log file gets a line every ten seconds and at every tenth of the work. */
const redrawInterval = { notebook: 200, terminal: 100, log: 10_000 };

/**
 * A progress bar: a notebook output that is updated in place, a terminal line that is redrawn, or occasional lines of a log file. In a
 * notebook, long calls of moon-lab show one by themselves.
 * @param stream of the terminal or log; standard error by default
 * @param started when the work began, from `performance.now()`
 */
export function progressBar(stream: NodeJS.WriteStream = process.stderr, started = performance.now()): ProgressBar {
  const timing: Timing = { started, phase: { started, from: 0 } };
  const draw = kernelDisplay()
    ? notebookBar(timing)
    : stream.isTTY
      ? terminalBar(stream, timing)
      : logLines(stream, timing);
  let last: Progress | undefined;
  let drawn = false;
  return {
    show: (progress) => {
      if (progress.label !== last?.label) timing.phase = { started: performance.now(), from: progress.done };
      last = progress;
      drawn = draw(progress, false);
    },
    end: () => {
      if (last && !drawn) draw(last, true);
      if (last && stream.isTTY && !kernelDisplay()) stream.write('\n');
    },
  };
}

/** When the work under the current label began and how much was already done then: a resumed run starts in the middle. */
interface Phase {
  started: number;
  from: number;
}

interface Timing {
  started: number;
  /** Of the current label. */
  phase: Phase;
}

/** Draws the progress if a redraw is due or forced. Returns whether it did. */
type Draw = (progress: Progress, force: boolean) => boolean;

function throttled(milliseconds: number, draw: (progress: Progress) => void): Draw {
  let next = 0;
  return (progress, force) => {
    const now = performance.now();
    if (!force && now < next && progress.done < (progress.total || Infinity)) return false;
    next = now + milliseconds;
    draw(progress);
    return true;
  };
}

function notebookBar(timing: Timing): Draw {
  const id = randomUUID();
  let update = false;
  return throttled(redrawInterval.notebook, (progress) => {
    const { label, done, total } = progress;
    const bar = total
      ? `<progress value="${done}" max="${total}" style="width:200px;vertical-align:middle"></progress>`
      : '';
    const html = `<div class="moon-progress">${escapeText(label)} ${bar} ${escapeText(countLine(progress, timing))}</div>`;
    display({ 'text/html': html, 'text/plain': progressLine(progress, timing) }, id, update);
    update = true;
  });
}

function terminalBar(stream: NodeJS.WriteStream, timing: Timing): Draw {
  return throttled(redrawInterval.terminal, (progress) => {
    const line = progressLine(progress, timing).slice(0, Math.max(20, (stream.columns ?? 80) - 1));
    stream.write(`\r${line}\x1b[K`);
  });
}

function logLines(stream: NodeJS.WriteStream, timing: Timing): Draw {
  let tenth = -1;
  const write = throttled(redrawInterval.log, (progress) => stream.write(`${progressLine(progress, timing)}\n`));
  return (progress, force) => {
    const now = progress.total ? Math.floor((10 * progress.done) / progress.total) : tenth;
    const due = force || now > tenth;
    tenth = now;
    return write(progress, due);
  };
}

/** `train  [#####-----]  120/240, 0:30, 4.0/s, 0:30 left, loss 2.13` */
export function progressLine(progress: Progress, timing: Timing): string {
  const { label, done, total } = progress;
  const filled = total ? Math.min(20, Math.floor((20 * done) / total)) : 0;
  const bar = total ? `[${'#'.repeat(filled)}${'-'.repeat(20 - filled)}]  ` : '';
  return `${label}  ${bar}${countLine(progress, timing)}`.replace(/\p{Cc}/gu, ' ');
}

/** Count, elapsed time, speed and time left. The first two seconds include start-up costs and give no estimate. */
function countLine({ done, total, note }: Progress, { started, phase }: Timing): string {
  const now = performance.now();
  const spent = (now - phase.started) / 1000;
  const each = spent > 2 && done > phase.from ? spent / (done - phase.from) : undefined;
  const parts = [
    `${done}${total ? `/${total}` : ''}`,
    clock((now - started) / 1000),
    ...(each ? [each > 1 ? `${each.toFixed(1)} s each` : `${(1 / each).toFixed(1)}/s`] : []),
    ...(each && done < total ? [`${clock(each * (total - done))} left`] : []),
    ...(note ? [note] : []),
  ];
  return parts.join(', ');
}

function clock(seconds: number): string {
  const rounded = Math.round(seconds);
  return `${Math.floor(rounded / 60)}:${String(rounded % 60).padStart(2, '0')}`;
}
