import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import type { Figure } from '../figure.js';
import { css, templates } from '../theme.js';
import { describeFigure } from './describe-figure.js';
import { escapeJson, escapeText } from './escape.js';
import { pageScript } from './page-script.js';

/** Of the search box above a map, in pixels. */
const toolsHeight = 36;

let loader: string | undefined;

/** The script that every figure of a page or notebook needs, once: 2.6 MB, plotly and style included, nothing fetched. */
export function figureLoader(): string {
  loader ??= `<script>${pageScript
    .replace('THEMES', () => escapeJson(templates))
    .replace('STYLE', () => escapeJson(css))
    .replace('PACKED', () => `'${packedPlotly()}'`)}</script>`;
  return loader;
}

/** plotly.js as its package ships it: 10 MB of text, 1.9 MB gzipped. */
function packedPlotly(): string {
  const path = createRequire(import.meta.url).resolve('plotly.js-dist');
  return gzipSync(readFileSync(path)).toString('base64');
}

/** Runs the loader that the browser has kept from an earlier output, where this page has none of its own. */
const findLoader = `function () {
    try {
      var ask = indexedDB.open('moon-lab', 1);
      ask.onupgradeneeded = function () { ask.result.createObjectStore('scripts'); };
      ask.onsuccess = function () {
        var kept = ask.result.transaction('scripts').objectStore('scripts').get('figures');
        kept.onsuccess = function () {
          if (!kept.result || window.moonFigure) return;
          var script = document.createElement('script');
          script.textContent = kept.result;
          document.head.append(script);
        };
      };
    } catch (error) {}
  }`;

/**
 * A figure's place and the script that draws it as soon as the loader is there: from another output of the page, or as the browser kept
 * it from one that is gone.
 * @param id unique in the page
 * @param live names what is shown in one place one after the other: the figure before it is given up
 */
export function figureHtml(figure: Figure, id: string, live?: string): string {
  const height = (figure.layout.height ?? 450) + (figure.layout.meta?.found === undefined ? 0 : toolsHeight);
  const remedy = 'Plotly is not loaded in this page: restart the kernel and run a cell that shows a figure.';
  return `<div id="${id}" class="moon-figure"${live ? ` data-live="${escapeText(live)}"` : ''} style="height:${height}px;width:100%">${escapeText(describeFigure(figure))}</div>
<script>(function wait(left, find) {
  var place = document.getElementById('${id}');
  if (place && window.moonFigure) window.moonFigure(place, ${escapeJson(figure)});
  else if (left) {
    if (left === 290) find();
    setTimeout(wait, 100, left - 1, find);
  }
  else if (place) place.append(' (${remedy})');
})(300, ${findLoader});</script>`;
}
