import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { figureHtml, figureLoader } from '../figures/browser.js';
import { escapeText } from '../figures/escape.js';
import { describeFigure, type Figure, type Table } from '../figures/figure.js';
import { reportPage } from '../figures/page.js';
import { css } from '../figures/theme.js';
import { writePage } from '../figures/write-page.js';
import { type Bundle, kernelDisplay } from './kernel.js';

/** A figure, a table, a whole page (`reportPage`) or a piece of HTML (`gallery`). HTML is trusted: its maker has escaped it. */
export type Showable = Figure | Table | string;

/** Something on display. */
export interface Shown {
  /** Show this in the same place. */
  update(thing: Showable): void;
}

/** Folder of the files that `show` writes outside a notebook, below the working directory. */
const folder = join('runs', 'shown');

let loaded = false;
let files = 0;

/**
 * Show something below the running cell of a notebook; outside a notebook write it to a file under `runs/shown` and print the path.
 * Plotly is put into the notebook once, with the first figure. Returns nothing: a notebook would print it.
 */
export function show(thing: Showable): void {
  showLive(thing);
}

/** Show something that will change: a loss curve while the model trains. */
export function showLive(thing: Showable): Shown {
  if (!kernelDisplay()) {
    const path = join(folder, `${++files}.html`);
    const write = (next: Showable) => writePage(path, asPage(next));
    write(thing);
    console.log(`${describe(thing)}: ${path}`);
    return { update: write };
  }
  if (isFigure(thing) && !loaded) {
    loaded = true;
    display({ 'text/html': figureLoader(), 'text/plain': '' });
  }
  const id = randomUUID();
  display(asBundle(thing), id);
  return { update: (next) => display(asBundle(next), id, true) };
}

/** Send a bundle to the running cell: `update` replaces the output that has this id. Does nothing outside a notebook. */
export function display(data: Bundle, id?: string, update = false): void {
  kernelDisplay()?.({ data, metadata: {}, transient: { display_id: id } }, update);
}

function asBundle(thing: Showable): Bundle {
  const plain = typeof thing !== 'string' && 'text' in thing ? thing.text : describe(thing);
  if (isFigure(thing)) return { 'text/html': figureHtml(thing, `moon-${randomUUID()}`), 'text/plain': plain };
  const html = typeof thing === 'string' ? thing : thing.html;
  // A whole page has scripts and styles of its own: it gets a window of its own.
  const shown = isPage(html)
    ? `<iframe srcdoc="${escapeText(html)}" style="width:100%;height:640px;border:0"></iframe>`
    : `<style>${css}</style>${html}`;
  return { 'text/html': shown, 'text/plain': plain };
}

function asPage(thing: Showable): string {
  if (typeof thing === 'string' && isPage(thing)) return thing;
  const content =
    typeof thing === 'string' ? { html: thing } : isFigure(thing) ? { figure: thing } : { html: thing.html };
  return reportPage('moon-lab', [{ heading: describe(thing), ...content }]);
}

function describe(thing: Showable): string {
  if (isFigure(thing)) return describeFigure(thing);
  if (typeof thing !== 'string') return thing.text.split('\n', 1)[0];
  return isPage(thing) ? 'Page' : 'Gallery';
}

function isFigure(thing: Showable): thing is Figure {
  return typeof thing !== 'string' && 'layout' in thing;
}

function isPage(html: string): boolean {
  return /^\s*<!doctype html/i.test(html);
}
