import { mapTools } from '../maps/map-tools-script.js';

/**
 * Browser code that defines `moonFigure(element, figure)`. The first figure loads plotly, from the gzipped text in this script. The theme
 * follows the notebook or the system, also when it changes while the page is open. In a notebook, the browser stores a copy of the script,
 * so that figures find it (see `figureHtml`) after the output that contained it is gone.
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
  // The hover event of a 3D figure names the point, but not the position of the pointer.
  ['pointermove', 'pointerdown'].forEach(function (kind) {
    addEventListener(kind, function (event) { pointer = event; }, { capture: true, passive: true });
  });
  // Append to the body, not to the figure: inside the transformed cells of a notebook, "fixed" is not relative to the window.
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
  // Free what plotly holds for a replaced plot, above all its WebGL context.
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
    } catch (error) {} // a page without storage
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
