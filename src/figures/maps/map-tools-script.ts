/** Browser code of the controls above a map: a search box that rings the points whose labels contain all its words, and a menu of colourings. */
export const mapTools = String.raw`  // The text of a hover label as the reader sees it.
  function plain(text) {
    var entities = { '&lt;': '<', '&gt;': '>', '&#34;': '"', '&#39;': "'", '&amp;': '&' };
    return text.replace(/<br>/g, ' ').replace(/<\/?i>/g, '').replace(/&(lt|gt|#34|#39|amp);/g, function (one) { return entities[one]; }).toLowerCase();
  }
  function search(plot, found, opacities, query, said) {
    var words = query.toLowerCase().split(/\s+/).filter(Boolean), hits = { x: [], y: [], z: [], text: [] }, traces = [], all = 0;
    plot.data.forEach(function (trace, at) {
      if (at === found || !trace.text) return;
      traces.push(at);
      if (trace.visible === false || trace.visible === 'legendonly') return;
      all += trace.text.length;
      trace.text.forEach(function (text, i) {
        var more = trace.meta && trace.meta.search ? ' ' + trace.meta.search[i].toLowerCase() : '';
        var own = words.length ? plain(text) + more : '';
        if (!words.length || !words.every(function (word) { return own.includes(word); })) return;
        ['x', 'y', 'z', 'text'].forEach(function (key) { if (trace[key]) hits[key].push(trace[key][i]); });
      });
    });
    said.textContent = words.length ? hits.x.length + ' of ' + all : '';
    var rings = { x: [hits.x], y: [hits.y], text: [hits.text] };
    if (plot.data[found].z) rings.z = [hits.z];
    var dim = traces.map(function (at) { return words.length ? 0.15 : opacities[at]; });
    return window.Plotly.restyle(plot, rings, [found]).then(function () { return window.Plotly.restyle(plot, { opacity: dim }, traces); });
  }
  function tools(plot, figure, meta) {
    var bar = document.createElement('div'), opacities = figure.data.map(function (trace) { return trace.opacity === undefined ? 1 : trace.opacity; });
    bar.className = 'moon moon-tools';
    function named(tag, words) {
      var label = document.createElement('label'), control = document.createElement(tag);
      label.append(words + ' ', control);
      bar.append(label);
      return control;
    }
    var box = named('input', 'search'), said = document.createElement('output'), waiting;
    box.type = 'search';
    box.placeholder = 'words of a label';
    function find() { return search(plot, meta.found, opacities, box.value, said); }
    box.addEventListener('input', function () { clearTimeout(waiting); waiting = setTimeout(find, 150); });
    box.parentNode.append(said);
    if (meta.views) {
      var choice = named('select', 'colour by');
      meta.views.forEach(function (view) { choice.append(new Option(view.name)); });
      choice.addEventListener('change', function () {
        window.Plotly.restyle(plot, { visible: meta.views[choice.selectedIndex].visible }).then(find);
      });
    }
    return bar;
  }`;
