/**
 * Types of the parts of plotly's JSON that the figures use: plain data that can be tested, saved or shown.
 * @example
 * ```ts
 * const figure: moon.Figure = moon.figures.lossCurve([{ name: 'loss', steps: [1, 2, 3], values: [3, 2, 1.5] }]);
 * await moon.saveFigure(figure, 'runs/loss.html');
 * ```
 */
export interface Figure {
  data: Trace[];
  layout: Layout;
}

export type Trace = ScatterTrace | BarTrace | HeatmapTrace | SunburstTrace;

/** Plotly interprets HTML-like tags in all text of a trace or layout, so text from data must pass `escapeText` first. */
interface TraceBase {
  name?: string;
  showlegend?: boolean;
  legendgroup?: string;
  hoverinfo?: 'skip';
  hovertemplate?: string;
  opacity?: number;
  /** False: hidden until a control of the page shows it. */
  visible?: boolean;
}

export interface ErrorBars {
  type: 'data';
  array: (number | null)[];
  arrayminus?: (number | null)[];
  thickness?: number;
  width?: number;
  color?: string;
}

export interface ScatterTrace extends TraceBase {
  type: 'scatter' | 'scattergl' | 'scatter3d';
  /** More text for the search box, one entry per point: labels that the hover text truncates. Absent if it truncates none. */
  meta?: { search: string[] };
  /** Index of each point's thumbnail in `layout.meta.thumbnails`; the page shows it next to the pointer. */
  customdata?: (number | null)[];
  mode: 'lines' | 'markers' | 'lines+markers' | 'markers+text';
  x: (number | string | null)[];
  y: (number | string | null)[];
  z?: (number | null)[];
  xaxis?: 'x' | 'x2';
  yaxis?: 'y' | 'y2';
  text?: string[];
  textposition?: 'top center' | 'middle center';
  textfont?: Font;
  line?: { color?: string; width?: number; dash?: 'solid' | 'dash' | 'dot'; shape?: 'linear' | 'hv' };
  marker?: {
    color?: string | string[] | number[];
    size?: number | number[];
    symbol?: string | string[];
    line?: { color?: string; width?: number };
    colorscale?: [number, string][];
    cmin?: number;
    cmax?: number;
    colorbar?: ColourBar;
  };
  error_x?: ErrorBars;
  error_y?: ErrorBars;
  fill?: 'toself';
  fillcolor?: string;
}

export interface BarTrace extends TraceBase {
  type: 'bar';
  orientation?: 'h' | 'v';
  x: (number | string)[];
  y: (number | string)[];
  text?: string[];
  /** `none`: the text appears on hover only. */
  textposition?: 'none';
  marker?: { color?: string | string[]; pattern?: { shape?: string } };
  error_x?: ErrorBars;
}

export interface HeatmapTrace extends TraceBase {
  type: 'heatmap';
  x?: (number | string)[];
  y?: (number | string)[];
  z: (number | null)[][];
  text?: string[][];
  /** Hover text of each cell, if it says more than `text`. */
  customdata?: string[][];
  texttemplate?: string;
  colorscale?: [number, string][];
  zmin?: number;
  zmax?: number;
  colorbar?: ColourBar;
  xgap?: number;
  ygap?: number;
}

export interface ColourBar {
  title?: { text: string; side?: 'top' | 'right'; font?: Font };
  thickness?: number;
  len?: number;
}

export interface SunburstTrace extends TraceBase {
  type: 'sunburst';
  ids: string[];
  labels: string[];
  parents: string[];
  values: number[];
  branchvalues: 'total';
  /** Hover text of each arc. */
  customdata?: string[];
  marker?: { colors?: string[]; line?: { color?: string; width?: number } };
  leaf?: { opacity: number };
  insidetextorientation?: 'auto' | 'radial' | 'horizontal';
}

export interface Font {
  family?: string;
  size?: number;
  color?: string;
}

export interface Axis {
  title?: { text: string; standoff?: number };
  type?: 'linear' | 'log' | 'category';
  range?: [number, number];
  rangemode?: 'tozero' | 'normal';
  autorange?: boolean | 'reversed';
  visible?: boolean;
  showgrid?: boolean;
  showticklabels?: boolean;
  showline?: boolean;
  zeroline?: boolean;
  tickvals?: (number | string)[];
  ticktext?: string[];
  tickangle?: number;
  ticks?: '' | 'outside';
  ticklen?: number;
  scaleanchor?: 'x' | 'y' | 'x2';
  domain?: [number, number];
  anchor?: 'x2' | 'y2';
  constrain?: 'domain' | 'range';
  automargin?: boolean;
  gridcolor?: string;
  linecolor?: string;
  zerolinecolor?: string;
}

/** A line or rectangle in data coordinates ('x', 'y') or in fractions of the plot ('x domain', 'paper'). */
export interface Shape {
  type: 'line' | 'rect';
  xref?: string;
  yref?: string;
  x0: number | string;
  x1: number | string;
  y0: number | string;
  y1: number | string;
  line?: { color?: string; width?: number; dash?: 'solid' | 'dash' | 'dot' };
  fillcolor?: string;
  layer?: 'below' | 'above';
}

export interface Annotation {
  text: string;
  x: number | string;
  y: number | string;
  xref?: string;
  yref?: string;
  xanchor?: 'left' | 'center' | 'right';
  showarrow: boolean;
  align?: 'left' | 'center' | 'right';
  font?: Font;
  bgcolor?: string;
  xshift?: number;
}

/** A picture in data coordinates. `x` and `y` are its top left corner, or its centre if the anchors are set. */
export interface LayoutImage {
  source: string;
  xref: 'x';
  yref: 'y';
  x: number;
  y: number;
  sizex: number;
  sizey: number;
  sizing: 'stretch' | 'contain';
  layer: 'below' | 'above';
  xanchor?: 'center';
  yanchor?: 'middle';
}

/** What the page adds to a plotly figure: pictures on hover, a search box, a menu of colourings. */
export interface FigureMeta {
  /** Data URIs; `customdata` of a point is an index into this list. */
  thumbnails?: string[];
  /** Colourings: which traces are visible in each. */
  views?: { name: string; visible: boolean[] }[];
  /** Index of the trace that rings search results. If set, the page shows a search box. */
  found?: number;
}

export interface Layout {
  title?: {
    text: string;
    subtitle?: { text: string; font?: Font };
    x?: number;
    xanchor?: 'left';
    xref?: 'container' | 'paper';
  };
  height?: number;
  /** Set only by figures with a fixed shape; all others take the width of the page. */
  width?: number;
  margin?: { l?: number; r?: number; t?: number; b?: number };
  xaxis?: Axis;
  yaxis?: Axis;
  xaxis2?: Axis;
  yaxis2?: Axis;
  /** Axes of a 3D figure. */
  scene?: {
    xaxis: Axis;
    yaxis: Axis;
    zaxis: Axis;
    aspectmode: 'data';
    camera: { eye: Record<'x' | 'y' | 'z', number> };
  };
  meta?: FigureMeta;
  legend?: {
    title?: { text: string };
    orientation?: 'h' | 'v';
    x?: number;
    xanchor?: 'left' | 'right' | 'center';
    y?: number;
    yanchor?: 'top' | 'bottom' | 'middle';
    traceorder?: 'normal' | 'reversed';
    itemsizing?: 'trace' | 'constant';
    font?: Font;
  };
  showlegend?: boolean;
  /** Labels that would be smaller than `minsize` appear on hover only. */
  uniformtext?: { minsize: number; mode: 'hide' };
  barmode?: 'group' | 'stack' | 'overlay';
  bargap?: number;
  hovermode?: 'closest' | 'x' | 'x unified' | false;
  shapes?: Shape[];
  annotations?: Annotation[];
  images?: LayoutImage[];
  template?: Template;
}

export interface Template {
  layout: Record<string, unknown>;
}

/**
 * A table in two formats: HTML for pages and notebooks, aligned text for the terminal.
 * @example
 * ```ts
 * const metrics = { 'R@1': { value: 0.43, low: 0.35, high: 0.52 } };
 * const table: moon.Table = moon.figures.retrievalTable([{ name: 'grocery', n: 296, chance: 1 / 81, metrics }]);
 * console.log(table.text);
 * ```
 */
export interface Table {
  html: string;
  text: string;
}
