import { extname } from 'node:path';
import { UserError, wrongOption } from '../checks/error.js';
import type { Figure } from '../figures/figure.js';
import { describeFigure } from '../figures/page/describe-figure.js';
import { reportPage } from '../figures/page/page.js';
import { writeFileAtomic } from '../store/atomic.js';
import { type DrawOptions, drawFigure, findBrowser } from './draw-figure.js';

/**
 * Save a figure in the format of the file extension: `.html` (interactive, works offline), `.json` (data and layout), `.png` or `.svg`.
 * A headless Chromium draws the last two.
 * @throws UserError for another extension, and for `.png` and `.svg` if no Chromium is found
 * @example
 * ```ts
 * const curve = moon.figures.lossCurve([{ name: 'loss', steps: [1, 2, 3], values: [3, 2, 1.5] }]);
 * await moon.saveFigure(curve, 'runs/loss.svg');
 * ```
 */
export async function saveFigure(figure: Figure, path: string, options: DrawOptions = {}): Promise<void> {
  const kind = extname(path);
  const title = describeFigure(figure);
  if (kind === '.html') writeFileAtomic(path, reportPage(title, [{ heading: title, figure }]));
  else if (kind === '.json') writeFileAtomic(path, JSON.stringify(figure));
  else if (kind === '.png' || kind === '.svg') {
    const browser = findBrowser();
    if (!browser) {
      throw new UserError(
        `${path}: no Chromium was found to draw the figure. Install one (Debian: apt-get install chromium), set CHROMIUM to its path, or save the figure as .html.`,
      );
    }
    writeFileAtomic(path, await drawFigure(browser, figure, kind === '.png' ? 'png' : 'svg', options));
  } else throw wrongOption('path', path, 'a file name that ends in .html, .json, .png or .svg');
}
