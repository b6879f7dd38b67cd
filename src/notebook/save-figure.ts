import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, extname } from 'node:path';
import { UserError, wrongOption } from '../checks/error.js';
import type { Figure } from '../figures/figure.js';
import { describeFigure } from '../figures/page/describe-figure.js';
import { reportPage } from '../figures/page/page.js';
import { writePage } from '../figures/page/write-page.js';
import { type DrawOptions, drawFigure, findBrowser } from './draw-figure.js';

/**
 * Save a figure by its ending: `.html` (interactive, offline), `.json` (data and layout), `.png` (two pixels a pixel) or `.svg`.
 * The last two are drawn by a headless Chromium; without one a UserError says what to install.
 */
export async function saveFigure(figure: Figure, path: string, options: DrawOptions = {}): Promise<void> {
  const kind = extname(path);
  const title = describeFigure(figure);
  if (kind === '.html') writePage(path, reportPage(title, [{ heading: title, figure }]));
  else if (kind === '.json') writePage(path, JSON.stringify(figure));
  else if (kind === '.png' || kind === '.svg') {
    const browser = findBrowser();
    if (!browser) {
      throw new UserError(
        `${path}: no Chromium was found to draw it. Install one (Debian: apt-get install chromium), name it in CHROMIUM, or save the figure as .html.`,
      );
    }
    const drawn = await drawFigure(browser, figure, kind === '.png' ? 'png' : 'svg', options);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, drawn);
  } else throw wrongOption('path', path, 'an ending of .html, .json, .png or .svg');
}
