import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import { escapeJson, escapeText } from './escape.js';
import { describeFigure, type Figure } from './figure.js';
import { css, templates } from './theme.js';

/**
 * What a browser runs: defines `moonFigure(element, figure)`. Plotly starts once, on the first figure, from the gzipped text beside it.
 * The theme follows the notebook or the system, also when it changes while the page is open.
 */
const runtime = `
(function () {
  var themes = THEMES, drawn = new Set(), plotly;
  function load() {
    if (window.Plotly && window.Plotly.newPlot) return Promise.resolve(window.Plotly);
    return plotly = plotly || (async function () {
      var bytes = Uint8Array.from(atob(PACKED), function (c) { return c.charCodeAt(0); });
      var stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
      var script = document.createElement('script');
      script.textContent = await new Response(stream).text();
      document.head.append(script);
      script.remove();
      return window.Plotly;
    })();
  }
  function theme() {
    var body = document.body, notebook = body.dataset.jpThemeLight;
    if (notebook) return notebook === 'false' ? themes.dark : themes.light;
    if (/vscode-(dark|high-contrast(?!-light))/.test(body.className)) return themes.dark;
    if (/vscode-/.test(body.className)) return themes.light;
    return matchMedia('(prefers-color-scheme: dark)').matches ? themes.dark : themes.light;
  }
  function retheme() {
    drawn.forEach(function (element) {
      if (element.isConnected) window.Plotly.relayout(element, { template: theme() });
      else drawn.delete(element);
    });
  }
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', retheme);
  new MutationObserver(retheme).observe(document.body, { attributeFilter: ['data-jp-theme-light', 'class'] });
  // On the body, not in the figure: inside a notebook's scrolled and shifted cells "fixed" would not mean the window.
  var image = document.createElement('img');
  image.className = 'moon-thumbnail';
  image.alt = '';
  image.style.cssText = 'position:fixed;z-index:9999;max-width:144px;max-height:144px;min-width:72px;border:1px solid #808080;border-radius:4px;background:#fff;pointer-events:none';
  function thumbnails(element) {
    element.on('plotly_hover', function (hover) {
      var uri = hover.points[0].customdata, at = hover.event;
      if (typeof uri !== 'string' || uri.indexOf('data:image/') !== 0) return;
      var below = at.clientY + 190 < innerHeight;
      image.style.left = Math.max(4, Math.min(at.clientX - 72, innerWidth - 152)) + 'px';
      image.style.top = (below ? at.clientY + 44 : Math.max(4, at.clientY - 188)) + 'px';
      image.src = uri;
      document.body.append(image);
    });
    element.on('plotly_unhover', function () { image.remove(); });
  }
  window.moonFigure = async function (element, figure) {
    try {
      var Plotly = await load();
      figure.layout.template = theme();
      element.textContent = '';
      image.remove();
      await Plotly.newPlot(element, figure.data, figure.layout, { responsive: true, displaylogo: false, typesetMath: false, showSendToCloud: false });
      drawn.add(element);
      thumbnails(element);
      element.dataset.moonDrawn = 'true';
    } catch (error) { element.textContent = 'This figure could not be drawn: ' + error.message; }
  };
})();`;

let loader: string | undefined;

/** The style and the script that every figure of a page or notebook needs, once: 2.6 MB, plotly included, nothing fetched. */
export function figureLoader(): string {
  loader ??= `<style>${css}</style><script>${runtime
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
  const height = figure.layout.height ?? 450;
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
