import { randomUUID } from 'node:crypto';
import type { Progress } from '../engine/long-call.js';
import { escapeText } from '../figures/page/escape.js';
import { kernelDisplay } from './kernel.js';
import { display } from './show.js';

/** Where progress is shown: the last record stays. */
export interface ProgressBar {
  show(progress: Progress): void;
  /** Draws the last record whatever the pace, and ends the line. */
  end(): void;
}

/** More often than this only costs, in milliseconds; a log file gets a line a tenth or every ten seconds. */
const pace = { notebook: 200, terminal: 100, log: 10_000 };

/**
 * A progress bar: in a notebook an output updated in place, in a terminal one line redrawn, in a file a line now and then. On standard
 * error. In a notebook the long calls of this module show one of their own.
 * @param started when the work began, by `performance.now()`
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

/** Since when something has run at its present step time, and how much was done then: a run may resume from its middle. */
interface Phase {
  started: number;
  from: number;
}

interface Timing {
  started: number;
  /** Of the label that is shown. */
  phase: Phase;
}

/** Draws a record if its time has come, or is forced; says whether it did. */
type StepSample = (progress: Progress, force: boolean) => boolean;

function paced(milliseconds: number, draw: (progress: Progress) => void): StepSample {
  let next = 0;
  return (progress, force) => {
    const now = performance.now();
    if (!force && now < next && progress.done < (progress.total || Infinity)) return false;
    next = now + milliseconds;
    draw(progress);
    return true;
  };
}

function notebookBar(timing: Timing): StepSample {
  const id = randomUUID();
  let update = false;
  return paced(pace.notebook, (progress) => {
    const { label, done, total } = progress;
    const bar = total
      ? `<progress value="${done}" max="${total}" style="width:200px;vertical-align:middle"></progress>`
      : '';
    const html = `<div class="moon-progress">${escapeText(label)} ${bar} ${escapeText(countLine(progress, timing))}</div>`;
    display({ 'text/html': html, 'text/plain': progressLine(progress, timing) }, id, update);
    update = true;
  });
}

function terminalBar(stream: NodeJS.WriteStream, timing: Timing): StepSample {
  return paced(pace.terminal, (progress) => {
    const line = progressLine(progress, timing).slice(0, Math.max(20, (stream.columns ?? 80) - 1));
    stream.write(`\r${line}\x1b[K`);
  });
}

function logLines(stream: NodeJS.WriteStream, timing: Timing): StepSample {
  let tenth = -1;
  const write = paced(pace.log, (progress) => stream.write(`${progressLine(progress, timing)}\n`));
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

/** The first seconds hold start-up costs: no forecast from them. */
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
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}
