import { type ExecFileSyncOptions, execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { Figure } from '../figures/figure.js';
import { escapeJson } from '../figures/page/escape.js';
import { templates } from '../figures/theme.js';

export interface DrawOptions {
  /** Pixels; a figure that has a width or height of its own keeps it. 900 x 450. */
  width?: number;
  height?: number;
  theme?: 'light' | 'dark';
  /** Pixels of a PNG for each of these. 2. */
  scale?: number;
}

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'msedge'];
const running: ExecFileSyncOptions = { maxBuffer: 1 << 28, timeout: 120_000, stdio: ['ignore', 'pipe', 'ignore'] };

/** A browser of Chromium's family on the PATH, or the one that `CHROMIUM` names. */
export function findBrowser(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const places = folders.flatMap((folder) =>
    names.flatMap((name) => [join(folder, name), join(folder, `${name}.exe`)]),
  );
  return [process.env.CHROMIUM, ...places].find((place) => place && existsSync(place));
}

/** A figure as the bytes of a picture, drawn by a headless browser. */
export async function drawFigure(
  browser: string,
  figure: Figure,
  kind: 'png' | 'svg',
  options: DrawOptions,
): Promise<Buffer> {
  const { folder, command, finish } = prepare(figure, kind, options);
  try {
    const { maxBuffer, timeout } = running;
    const { stdout } = await promisify(execFile)(browser, command, { maxBuffer, timeout });
    return finish(stdout);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The same, holding everything else up: a cell's outputs are in order. */
export function drawFigureNow(browser: string, figure: Figure, kind: 'png' | 'svg', options: DrawOptions): Buffer {
  const { folder, command, finish } = prepare(figure, kind, options);
  try {
    return finish(String(execFileSync(browser, command, running)));
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

function prepare(figure: Figure, kind: 'png' | 'svg', options: DrawOptions) {
  const { width = figure.layout.width ?? 900, height = figure.layout.height ?? 450 } = options;
  const { theme = 'light', scale = 2 } = options;
  const layout = { ...figure.layout, width, height, template: templates[theme] };
  const folder = mkdtempSync(join(tmpdir(), 'moon-figure-'));
  const page = join(folder, 'figure.html');
  writeFileSync(page, drawingPage({ data: figure.data, layout }, { format: kind, width, height, scale }));
  const command = [
    '--headless',
    '--disable-gpu',
    '--enable-unsafe-swiftshader', // maps in space and of many points need WebGL, by software here
    '--virtual-time-budget=10000', // of the page's own clock: it ends when nothing is left to do
    `--user-data-dir=${folder}`,
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), // Chromium refuses to run as root with its sandbox
    '--dump-dom',
    pathToFileURL(page).href,
  ];
  return { folder, command, finish: (dom: string) => pictureIn(dom, kind) };
}

/** A page that draws a figure and writes it down as a data URI: a screenshot would come without what WebGL draws. */
function drawingPage(figure: Figure, asked: Record<string, unknown>): string {
  const plotly = pathToFileURL(createRequire(import.meta.url).resolve('plotly.js-dist')).href;
  return `<!doctype html><meta charset="utf-8"><div id="place"></div>
<script src="${plotly}"></script><script>var figure = ${escapeJson({ ...figure, config: { typesetMath: false } })};
Plotly.toImage(figure, ${escapeJson(asked)}).then(function (uri) { document.getElementById('place').textContent = uri; });</script>`;
}

function pictureIn(page: string, kind: 'png' | 'svg'): Buffer {
  const uri = /<div id="place">data:image\/(?:svg\+xml|png;base64),([^<]+)</.exec(page)?.[1];
  if (!uri) throw new Error('the browser drew no picture');
  return kind === 'png' ? Buffer.from(uri, 'base64') : Buffer.from(decodeURIComponent(uri));
}
