import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Figure, Table } from '../figures/figure.js';
import { figureHtml, figureLoader } from '../figures/page/browser.js';
import { describeFigure } from '../figures/page/describe-figure.js';
import { escapeText, imageUri } from '../figures/page/escape.js';
import { reportPage } from '../figures/page/page.js';
import { writePage } from '../figures/page/write-page.js';
import type { Picture } from '../figures/picture.js';
import { css } from '../figures/theme.js';
import { drawFigureSync, findBrowser } from './draw-figure.js';
import { type Bundle, kernelDisplay } from './kernel.js';

/**
 * A figure, a table, a picture, a whole page (`reportPage`) or a fragment of HTML (`gallery`). HTML is inserted as it is: escape any text
 * from data first.
 */
export type Showable = Figure | Table | Picture | string;

/** An output on display. */
export interface Shown {
  /** Replace the output. A figure gets no static PNG, so this is fast. */
  update(thing: Showable): void;
  /** Replace the output for the last time. A figure gets a static PNG. */
  end(thing: Showable): void;
}

/** Where `show` writes its files outside a notebook, relative to the working directory. */
const folder = join('runs', 'shown');

let loaded = false;
let files = 0;

/**
 * Display something below the running cell of a notebook. Outside a notebook, write it to an HTML file under `runs/shown` and print the
 * path. Returns nothing, since a notebook would print it.
 *
 * The first figure adds plotly to the notebook; the browser keeps a copy for figures that outlive that output. If Chromium is found, each
 * figure also gets a PNG for readers that run no scripts, which takes a second or two; `MOON_PICTURES=none` turns this off.
 * @example
 * ```ts
 * moon.show(moon.figures.lossCurve([{ name: 'loss', steps: [1, 2, 3], values: [3, 2, 1.5] }]));
 * ```
 */
export function show(thing: Showable): void {
  showLive(thing);
}

/** Display something that will change, such as a loss curve during training. */
export function showLive(thing: Showable): Shown {
  if (!kernelDisplay()) {
    const path = join(folder, `${++files}.html`);
    const write = (next: Showable) => writePage(path, asPage(next));
    write(thing);
    console.log(`${describe(thing)}: ${path}`);
    return { update: write, end: write };
  }
  if (isFigure(thing) && !loaded) {
    loaded = true;
    display({ 'text/html': figureLoader(), 'text/plain': '' });
  }
  const id = randomUUID();
  display({ ...asBundle(thing, id), ...staticPicture(thing) }, id);
  return {
    update: (next) => display(asBundle(next, id), id, true),
    end: (next) => display({ ...asBundle(next, id), ...staticPicture(next) }, id, true),
  };
}

/** Send an output to the running cell; `update` replaces the output with this id. Does nothing outside a notebook. */
export function display(data: Bundle, id?: string, update = false): void {
  kernelDisplay()?.({ data, metadata: {}, transient: { display_id: id } }, update);
}

/** A PNG of a figure for readers that run no scripts: previews, other formats of nbconvert, GitHub. Empty without Chromium. */
function staticPicture(thing: Showable): Bundle {
  const browser = isFigure(thing) && process.env.MOON_PICTURES !== 'none' && findBrowser();
  if (!browser) return {};
  try {
    return { 'image/png': drawFigureSync(browser, thing, 'png', { scale: 1 }).toString('base64') };
  } catch (error) {
    console.error(
      `show: the figure has no static PNG, since ${browser} failed (${(error as Error).message.split('\n', 1)[0]}).`,
    );
    return {};
  }
}

/** @param live id of the output, which later calls may replace */
function asBundle(thing: Showable, live: string): Bundle {
  const plain = typeof thing !== 'string' && 'text' in thing ? thing.text : describe(thing);
  if (isPicture(thing)) {
    const [kind, base64] = dataOf(thing);
    return { 'text/html': pictureHtml(thing), [kind]: base64, 'text/plain': plain };
  }
  if (isFigure(thing)) return { 'text/html': figureHtml(thing, `moon-${randomUUID()}`, live), 'text/plain': plain };
  const html = typeof thing === 'string' ? thing : thing.html;
  // A whole page has its own scripts and styles, so it goes into an iframe.
  const shown = isPage(html)
    ? `<iframe srcdoc="${escapeText(html)}" style="width:100%;height:640px;border:0"></iframe>`
    : `<style>${css}</style>${html}`;
  return { 'text/html': shown, 'text/plain': plain };
}

function asPage(thing: Showable): string {
  if (typeof thing === 'string' && isPage(thing)) return thing;
  const content =
    typeof thing === 'string'
      ? { html: thing }
      : isFigure(thing)
        ? { figure: thing }
        : { html: isPicture(thing) ? pictureHtml(thing) : thing.html };
  return reportPage('moon-lab', [{ heading: describe(thing), ...content }]);
}

function describe(thing: Showable): string {
  if (isFigure(thing)) return describeFigure(thing);
  if (isPicture(thing)) return `${thing.label}, ${thing.width} x ${thing.height} pixels`;
  if (typeof thing !== 'string') return thing.text.split('\n', 1)[0];
  return isPage(thing) ? 'Page' : 'Gallery';
}

function isFigure(thing: Showable): thing is Figure {
  return typeof thing !== 'string' && 'layout' in thing;
}

function isPicture(thing: Showable): thing is Picture {
  return typeof thing !== 'string' && 'uri' in thing;
}

function pictureHtml({ uri, label, width, height }: Picture): string {
  const source = imageUri(uri, label);
  return `<img src="${source}" alt="${escapeText(label)}" title="${escapeText(label)}" width="${Number(width)}" height="${Number(height)}" style="max-width:100%;height:auto">`;
}

/** MIME type and base64 content of a data URI. */
function dataOf({ uri }: Picture): [kind: string, base64: string] {
  const [head, base64] = uri.split(',');
  return [head.slice('data:'.length, -';base64'.length), base64];
}

function isPage(html: string): boolean {
  return /^\s*<!doctype html/i.test(html);
}
