import { mapTools } from '../maps/map-tools-script.js';

/**
 * What a browser runs: defines `moonFigure(element, figure)`. Plotly starts once, on the first figure, from the gzipped text beside it.
 * The theme follows the notebook or the system, also when it changes while the page is open. In a notebook the browser keeps a copy of
 * the script: figures find it there (see `figureHtml`) when the output that brought it is gone.
 */
export const pageScript = `
(function () {
  var themes = THEMES, drawn = new Set(), live = new Map(), plotly, pointer;
  var style = document.createElement('style');
  style.textContent = STYLE;
  document.head.append(style);
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
  // A figure in space says on hover which point it is, but not where the pointer stands.
  ['pointermove', 'pointerdown'].forEach(function (kind) {
    addEventListener(kind, function (event) { pointer = event; }, { capture: true, passive: true });
  });
  // On the body, not in the figure: inside a notebook's scrolled and shifted cells "fixed" would not mean the window.
  var image = document.createElement('img');
  image.className = 'moon-thumbnail';
  image.alt = '';
  image.style.cssText = 'position:fixed;z-index:9999;max-width:144px;max-height:144px;min-width:72px;border:1px solid #808080;border-radius:4px;background:#fff;pointer-events:none';
  function thumbnails(element, uris) {
    element.on('plotly_hover', function (hover) {
      var uri = uris[hover.points[0].customdata], at = pointer || hover.event;
      if (!at || !uri || uri.indexOf('data:image/') !== 0) return;
      var below = at.clientY + 190 < innerHeight;
      image.style.left = Math.max(4, Math.min(at.clientX - 72, innerWidth - 152)) + 'px';
      image.style.top = (below ? at.clientY + 44 : Math.max(4, at.clientY - 188)) + 'px';
      image.src = uri;
      document.body.append(image);
    });
    element.on('plotly_unhover', function () { image.remove(); });
  }
  // What Plotly keeps for a plot that is replaced, a WebGL context above all, is given back.
  function forget(plot) {
    if (!plot) return;
    window.Plotly.purge(plot);
    drawn.delete(plot);
  }
  function keepScript(text) {
    try {
      var ask = indexedDB.open('moon-lab', 1);
      ask.onupgradeneeded = function () { ask.result.createObjectStore('scripts'); };
      ask.onsuccess = function () { ask.result.transaction('scripts', 'readwrite').objectStore('scripts').put(text, 'figures'); };
    } catch (error) {} // a page without a place of its own
  }
  if (/^https?:$|^vscode/.test(location.protocol) && document.currentScript) keepScript(document.currentScript.textContent);
${mapTools}
  window.moonFigure = async function (element, figure) {
    try {
      var Plotly = await load(), plot = document.createElement('div'), meta = figure.layout.meta || {};
      figure.layout.template = theme();
      element.querySelectorAll('.moon-plot').forEach(forget);
      if (element.dataset.live) {
        forget(live.get(element.dataset.live));
        live.set(element.dataset.live, plot);
      }
      element.textContent = '';
      image.remove();
      plot.className = 'moon-plot';
      plot.style.height = (figure.layout.height || 450) + 'px';
      if (meta.found !== undefined) element.append(tools(plot, figure, meta));
      element.append(plot);
      await Plotly.newPlot(plot, figure.data, figure.layout, { responsive: true, displaylogo: false, typesetMath: false, showSendToCloud: false });
      drawn.add(plot);
      thumbnails(plot, meta.thumbnails || []);
      element.dataset.moonDrawn = 'true';
    } catch (error) { element.textContent = 'This figure could not be drawn: ' + error.message; }
  };
})();`;
