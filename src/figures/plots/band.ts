import type { ScatterTrace } from '../figure.js';
import { escapeText } from '../page/escape.js';

/** The area between two curves, in a translucent form of the colour. */
export function band(name: string, x: number[], low: number[], high: number[], colour: string): ScatterTrace {
  return {
    type: 'scatter',
    mode: 'lines',
    name: escapeText(name),
    legendgroup: escapeText(name),
    x: [...x, ...x.toReversed()],
    y: [...high, ...low.toReversed()],
    line: { width: 0, color: colour },
    fill: 'toself',
    fillcolor: `${colour}33`,
    showlegend: false,
    hoverinfo: 'skip',
  };
}

/** A line through the measured points. Non-finite values leave gaps. */
export function line(name: string, x: number[], y: number[], colour: string): ScatterTrace {
  return {
    type: 'scatter',
    mode: x.length > 1 ? 'lines' : 'markers',
    name: escapeText(name),
    legendgroup: escapeText(name),
    x,
    y: y.map((value) => (Number.isFinite(value) ? value : null)),
    line: { color: colour, width: 2 },
    marker: { color: colour },
  };
}
