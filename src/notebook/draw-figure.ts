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
  /** In pixels. Default: the size in the figure's layout, else 900 x 450. */
  width?: number;
  height?: number;
  theme?: 'light' | 'dark';
  /** Pixels of a PNG for each pixel of the layout. Default 2. */
  scale?: number;
}

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'msedge'];
const running: ExecFileSyncOptions = { maxBuffer: 1 << 28, timeout: 120_000, stdio: ['ignore', 'pipe', 'ignore'] };

/** Path of a Chromium-based browser: the one in the environment variable CHROMIUM, else the first on the PATH. Undefined if there is none. */
export function findBrowser(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const places = folders.flatMap((folder) =>
    names.flatMap((name) => [join(folder, name), join(folder, `${name}.exe`)]),
  );
  return [process.env.CHROMIUM, ...places].find((place) => place && existsSync(place));
}

/** Draw a figure with a headless browser. Returns the bytes of the picture. */
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

/** Like `drawFigure`, but synchronous, which keeps the outputs of a cell in order. */
export function drawFigureSync(browser: string, figure: Figure, kind: 'png' | 'svg', options: DrawOptions): Buffer {
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
    '--enable-unsafe-swiftshader', // 3D maps and maps of many points need WebGL, here in software
    '--virtual-time-budget=10000', // in milliseconds of page time, which skips idle waiting
    `--user-data-dir=${folder}`,
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), // Chromium refuses to run as root with its sandbox
    '--dump-dom',
    pathToFileURL(page).href,
  ];
  return { folder, command, finish: (dom: string) => pictureIn(dom, kind) };
}

/** A page that draws a figure and writes it into the DOM as a data URI: a screenshot would lack everything that WebGL draws. */
function drawingPage(figure: Figure, format: Record<string, unknown>): string {
  const plotly = pathToFileURL(createRequire(import.meta.url).resolve('plotly.js-dist')).href;
  return `<!doctype html><meta charset="utf-8"><div id="place"></div>
<script src="${plotly}"></script><script>var figure = ${escapeJson({ ...figure, config: { typesetMath: false } })};
Plotly.toImage(figure, ${escapeJson(format)}).then(function (uri) { document.getElementById('place').textContent = uri; });</script>`;
}

function pictureIn(page: string, kind: 'png' | 'svg'): Buffer {
  const uri = /<div id="place">data:image\/(?:svg\+xml|png;base64),([^<]+)</.exec(page)?.[1];
  if (!uri) throw new Error('the browser drew no picture');
  return kind === 'png' ? Buffer.from(uri, 'base64') : Buffer.from(decodeURIComponent(uri));
}
