import { assert } from '../checks/error.js';
import type { Layout } from './figure.js';
import { imageUri } from './page/escape.js';

/** A picture as a data URI, with its size in pixels. */
export interface Picture {
  uri: string;
  width: number;
  height: number;
  /** Describes it on hover and in error messages. */
  label: string;
}

/** Longer side of a picture on the page, in pixels. */
const longest = 420;

/** A layout with a picture as background, in its aspect ratio, and axes in its pixels, origin top left. */
export function pictureLayout({
  uri,
  width,
  height,
  label,
}: Picture): Pick<Layout, 'images' | 'xaxis' | 'yaxis' | 'height' | 'width'> {
  const source = imageUri(uri, label);
  assert(source, 'a picture has pixels');
  const scale = longest / Math.max(width, height);
  const axis = {
    showgrid: false,
    zeroline: false,
    constrain: 'domain' as const,
    ticks: 'outside' as const,
    ticklen: 7,
  };
  return {
    images: [
      { source, xref: 'x', yref: 'y', x: 0, y: 0, sizex: width, sizey: height, sizing: 'stretch', layer: 'below' },
    ],
    xaxis: { ...axis, range: [0, width], title: { text: 'x (pixels)' } },
    yaxis: { ...axis, range: [height, 0], title: { text: 'y (pixels)' }, scaleanchor: 'x' },
    height: Math.round(scale * height) + 150,
    width: Math.round(scale * width) + 300,
  };
}
