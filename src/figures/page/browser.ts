import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import type { Figure } from '../figure.js';
import { css, templates } from '../theme.js';
import { describeFigure } from './describe-figure.js';
import { escapeJson, escapeText } from './escape.js';
import { pageScript } from './page-script.js';

/** Height of the controls above a map, in pixels. */
const toolsHeight = 36;

let loader: string | undefined;

/** The script element that a page or notebook with figures needs once: 2.6 MB with plotly and styles; it fetches nothing. */
export function figureLoader(): string {
  loader ??= `<script>${pageScript
    .replace('THEMES', () => escapeJson(templates))
    .replace('STYLE', () => escapeJson(css))
    .replace('PACKED', () => `'${packedPlotly()}'`)}</script>`;
  return loader;
}

/** plotly.js as shipped by its package, gzipped and in base64: 10 MB of text, 1.9 MB gzipped. */
function packedPlotly(): string {
  const path = createRequire(import.meta.url).resolve('plotly.js-dist');
  return gzipSync(readFileSync(path)).toString('base64');
}

/** Browser code that runs the loader that the browser stored from an earlier output, if this page has none. */
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
 * The element of a figure, and a script that draws the figure once the loader is available: from another output of the page, or from the
 * browser's storage if that output is gone.
 * @param id unique in the page
 * @param live id of an output that is updated in place: drawing a figure disposes the previous one with the same id
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
