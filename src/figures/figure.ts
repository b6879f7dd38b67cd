/** Plotly's records, as far as these figures use them: plain data that can be tested, saved or shown. */

export interface Figure {
  data: Trace[];
  layout: Layout;
}

export type Trace = ScatterTrace | BarTrace | HeatmapTrace | SunburstTrace;

/** Plotly reads HTML-like tags in every text of a trace or layout: text from data passes `escapeText` first. */
interface TraceBase {
  name?: string;
  showlegend?: boolean;
  legendgroup?: string;
  hoverinfo?: 'skip';
  hovertemplate?: string;
  opacity?: number;
  /** Left out of the picture until the page's own controls ask for it. */
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
  /** What a search finds beside `text`, a point each: labels that the hover cuts. Left out where it cuts none. */
  meta?: { search: string[] };
  /** A point's thumbnail by its place in `layout.meta.thumbnails`: the page shows it beside the pointer. */
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
  /** `none`: the text is for the hover alone. */
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
  /** What is said of a cell on hover, where that is more than its text. */
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
  /** What is said of an arc on hover. */
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

/** A line or rectangle in the units of the axes ('x', 'y') or as fractions of the plot ('x domain', 'paper'). */
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

/** A picture in the units of the axes; `x`, `y` is its top left corner, or its middle where the anchors say so. */
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

/** What the page adds to a figure beyond plotly: pictures on hover, a search box, a choice of colours. */
export interface FigureMeta {
  /** Data URIs; `customdata` of a point is a place in this list. */
  thumbnails?: string[];
  /** Ways to colour: which traces are seen in each. */
  views?: { name: string; visible: boolean[] }[];
  /** The trace that rings what a search finds: the page has a search box. */
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
  /** Only figures with a fixed shape set it; the others take the width of their page. */
  width?: number;
  margin?: { l?: number; r?: number; t?: number; b?: number };
  xaxis?: Axis;
  yaxis?: Axis;
  xaxis2?: Axis;
  yaxis2?: Axis;
  /** Axes of a figure in space. */
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
  /** Labels that would be smaller than this are left to the hover. */
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

/** A table in the two forms that people read: HTML for pages and notebooks, aligned text for the terminal. */
export interface Table {
  html: string;
  text: string;
}
