import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, dirname, extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { UserError, wrongOption } from '../engine/check.js';
import { escapeJson } from '../figures/escape.js';
import { describeFigure, type Figure } from '../figures/figure.js';
import { reportPage } from '../figures/page.js';
import { templates } from '../figures/theme.js';
import { writePage } from '../figures/write-page.js';

export interface SaveOptions {
  /** Pixels; a figure that has a width or height of its own keeps it. 900 x 450. */
  width?: number;
  height?: number;
  theme?: 'light' | 'dark';
}

/**
 * Save a figure by its ending: `.html` (interactive, offline), `.json` (data and layout), `.png` (two pixels a pixel) or `.svg`.
 * The last two are drawn by a headless Chromium; without one a UserError says what to install.
 */
export async function saveFigure(figure: Figure, path: string, options: SaveOptions = {}): Promise<void> {
  const kind = extname(path);
  const title = describeFigure(figure);
  if (kind === '.html') writePage(path, reportPage(title, [{ heading: title, figure }]));
  else if (kind === '.json') writePage(path, JSON.stringify(figure));
  else if (kind === '.png' || kind === '.svg') await drawFigure(figure, path, kind, options);
  else throw wrongOption('path', path, 'an ending of .html, .json, .png or .svg');
}

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'msedge'];

/** A browser of Chromium's family on the PATH, or the one that `CHROMIUM` names. */
export function findBrowser(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const places = folders.flatMap((folder) =>
    names.flatMap((name) => [join(folder, name), join(folder, `${name}.exe`)]),
  );
  return [process.env.CHROMIUM, ...places].find((place) => place && existsSync(place));
}

async function drawFigure(figure: Figure, path: string, kind: string, options: SaveOptions): Promise<void> {
  const browser = findBrowser();
  if (!browser) {
    throw new UserError(
      `${path}: no Chromium was found to draw it. Install one (Debian: apt-get install chromium), name it in CHROMIUM, or save the figure as .html.`,
    );
  }
  const { width = figure.layout.width ?? 900, height = figure.layout.height ?? 450, theme = 'light' } = options;
  const layout = { ...figure.layout, width, height, template: templates[theme] };
  const folder = mkdtempSync(join(tmpdir(), 'moon-figure-'));
  try {
    const page = join(folder, 'figure.html');
    writeFileSync(page, drawingPage({ data: figure.data, layout }, kind));
    const flags = [
      '--headless',
      '--disable-gpu',
      '--hide-scrollbars',
      `--user-data-dir=${folder}`,
      `--window-size=${width},${height}`,
    ];
    if (process.getuid?.() === 0) flags.push('--no-sandbox'); // Chromium refuses to run as root with its sandbox
    const picture = join(folder, 'figure.png');
    const asked = kind === '.png' ? [`--screenshot=${picture}`, '--force-device-scale-factor=2'] : ['--dump-dom'];
    const { stdout } = await promisify(execFile)(browser, [...flags, ...asked, pathToFileURL(page).href], {
      maxBuffer: 1 << 28,
      timeout: 120_000,
    });
    const drawn = kind === '.png' ? readFileSync(picture) : svgIn(stdout);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, drawn);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Draws while it loads, so that the picture is there when the browser says that the page is. */
function drawingPage(figure: Figure, kind: string): string {
  const plotly = pathToFileURL(createRequire(import.meta.url).resolve('plotly.js-dist')).href;
  const config = { staticPlot: true, typesetMath: false };
  const draw =
    kind === '.png'
      ? `Plotly.newPlot('place', figure.data, figure.layout, ${JSON.stringify(config)});`
      : `Plotly.toImage(figure, { format: 'svg' }).then(function (uri) { document.getElementById('place').textContent = uri; });`;
  return `<!doctype html><meta charset="utf-8"><style>body { margin: 0 }</style><div id="place"></div>
<script src="${plotly}"></script><script>var figure = ${escapeJson(figure)}; ${draw}</script>`;
}

function svgIn(page: string): string {
  const uri = /data:image\/svg\+xml,([^<]+)</.exec(page)?.[1];
  if (!uri) throw new Error('the browser drew no picture');
  return decodeURIComponent(uri);
}
