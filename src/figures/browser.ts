import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import { escapeJson, escapeText } from './escape.js';
import { describeFigure, type Figure } from './figure.js';
import { pageScript } from './page-script.js';
import { css, templates } from './theme.js';

/** Of the search box above a map, in pixels. */
const toolsHeight = 36;

let loader: string | undefined;

/** The style and the script that every figure of a page or notebook needs, once: 2.6 MB, plotly included, nothing fetched. */
export function figureLoader(): string {
  loader ??= `<style>${css}</style><script>${pageScript
    .replace('THEMES', () => escapeJson(templates))
    .replace('PACKED', () => `'${packedPlotly()}'`)}</script>`;
  return loader;
}

/** plotly.js as its package ships it: 10 MB of text, 1.9 MB gzipped. */
function packedPlotly(): string {
  const path = createRequire(import.meta.url).resolve('plotly.js-dist');
  return gzipSync(readFileSync(path)).toString('base64');
}

/** A figure's place and the script that draws it as soon as the loader is there. `id` is unique in the page. */
export function figureHtml(figure: Figure, id: string): string {
  const height = (figure.layout.height ?? 450) + (figure.layout.meta?.found === undefined ? 0 : toolsHeight);
  const remedy =
    'Plotly is not loaded in this page: run the first cell that shows a figure again, from a restarted kernel.';
  return `<div id="${id}" class="moon-figure" style="height:${height}px;width:100%">${escapeText(describeFigure(figure))}</div>
<script>(function wait(left) {
  var place = document.getElementById('${id}');
  if (place && window.moonFigure) window.moonFigure(place, ${escapeJson(figure)});
  else if (left) setTimeout(wait, 100, left - 1);
  else if (place) place.append(' (${remedy})');
})(300);</script>`;
}
