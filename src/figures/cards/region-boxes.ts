import type { Figure, ScatterTrace } from '../figure.js';
import { escapeText } from '../page/escape.js';
import { type Picture, pictureLayout } from '../picture.js';
import { palette, titled } from '../theme.js';

/** A labelled box in fractions of the picture, origin top left. */
export interface RegionBox {
  label: string;
  box: { x1: number; y1: number; x2: number; y2: number };
  /** The detector's confidence, or the overlap with the true box, from 0 to 1. */
  score?: number;
  /** Whether this is the true box, which is drawn dashed. */
  truth?: boolean;
}

/** Outlines of regions over their picture, each named in the legend. */
export function regionBoxes(picture: Picture, boxes: RegionBox[], title = 'Core regions'): Figure {
  const found = boxes.filter((one) => !one.truth);
  const shape = pictureLayout(picture);
  return {
    data: boxes.map((one) =>
      outline(one, picture, one.truth ? palette[3] : colours[found.indexOf(one) % colours.length]),
    ),
    layout: {
      ...titled(
        title,
        `n = ${found.length} ${found.length === 1 ? 'region' : 'regions'}; ${picture.width} x ${picture.height} pixels${found.length < boxes.length ? '; dashed: the true box' : ''}`,
        shape.width,
      ),
      ...shape,
      hovermode: 'closest',
      showlegend: true,
    },
  };
}

/** Orange first: it stands out on most photos. */
const colours = [palette[4], palette[5], palette[1], palette[0], palette[2]];

function outline({ label, box, score, truth }: RegionBox, { width, height }: Picture, colour: string): ScatterTrace {
  const { x1, y1, x2, y2 } = box;
  const name = escapeText(score === undefined ? label : `${label} ${score.toFixed(2)}`);
  return {
    type: 'scatter',
    mode: 'lines',
    name,
    x: [x1, x2, x2, x1, x1].map((x) => x * width),
    y: [y1, y1, y2, y2, y1].map((y) => y * height),
    line: { color: colour, width: 3, dash: truth ? 'dash' : 'solid' },
    hoverinfo: 'skip',
  };
}
