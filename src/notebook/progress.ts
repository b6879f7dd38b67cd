import { randomUUID } from 'node:crypto';
import type { Progress } from '../engine/long-call.js';
import { escapeText } from '../figures/escape.js';
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
  const draw = kernelDisplay()
    ? notebookBar(started)
    : stream.isTTY
      ? terminalBar(stream, started)
      : logLines(stream, started);
  let last: Progress | undefined;
  let drawn = false;
  return {
    show: (progress) => {
      last = progress;
      drawn = draw(progress, false);
    },
    end: () => {
      if (last && !drawn) draw(last, true);
      if (last && stream.isTTY && !kernelDisplay()) stream.write('\n');
    },
  };
}

/** Draws a record if its time has come, or is forced; says whether it did. */
type Draw = (progress: Progress, force: boolean) => boolean;

function paced(milliseconds: number, draw: (progress: Progress) => void): Draw {
  let next = 0;
  return (progress, force) => {
    const now = performance.now();
    if (!force && now < next && progress.done < (progress.total || Infinity)) return false;
    next = now + milliseconds;
    draw(progress);
    return true;
  };
}

function notebookBar(started: number): Draw {
  const id = randomUUID();
  let update = false;
  return paced(pace.notebook, (progress) => {
    const { label, done, total } = progress;
    const bar = total
      ? `<progress value="${done}" max="${total}" style="width:200px;vertical-align:middle"></progress>`
      : '';
    const html = `<div class="moon-progress">${escapeText(label)} ${bar} ${escapeText(countLine(progress, started))}</div>`;
    display({ 'text/html': html, 'text/plain': progressLine(progress, started) }, id, update);
    update = true;
  });
}

function terminalBar(stream: NodeJS.WriteStream, started: number): Draw {
  return paced(pace.terminal, (progress) => {
    const line = progressLine(progress, started).slice(0, Math.max(20, (stream.columns ?? 80) - 1));
    stream.write(`\r${line}\x1b[K`);
  });
}

function logLines(stream: NodeJS.WriteStream, started: number): Draw {
  let tenth = -1;
  const write = paced(pace.log, (progress) => stream.write(`${progressLine(progress, started)}\n`));
  return (progress, force) => {
    const now = progress.total ? Math.floor((10 * progress.done) / progress.total) : tenth;
    const due = force || now > tenth;
    tenth = now;
    return write(progress, due);
  };
}

/** `train  [#####-----]  120/240, 0:31, 0:31 left, loss 2.13` */
export function progressLine(progress: Progress, started: number): string {
  const { label, done, total } = progress;
  const filled = total ? Math.min(20, Math.floor((20 * done) / total)) : 0;
  const bar = total ? `[${'#'.repeat(filled)}${'-'.repeat(20 - filled)}]  ` : '';
  return `${label}  ${bar}${countLine(progress, started)}`.replace(/\p{Cc}/gu, ' ');
}

/** The first seconds hold start-up costs: no forecast from them. */
function countLine({ done, total, note }: Progress, started: number): string {
  const spent = (performance.now() - started) / 1000;
  const left = spent > 2 && total && done && done < total ? `, ${clock((spent / done) * (total - done))} left` : '';
  return `${done}${total ? `/${total}` : ''}, ${clock(spent)}${left}${note ? `, ${note}` : ''}`;
}

function clock(seconds: number): string {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}
