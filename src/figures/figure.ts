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
  type: 'scatter' | 'scattergl';
  /** A point's thumbnail as a data URI: the page shows it beside the pointer. */
  customdata?: (string | null)[];
  mode: 'lines' | 'markers' | 'lines+markers';
  x: (number | string | null)[];
  y: (number | string | null)[];
  text?: string[];
  line?: { color?: string; width?: number; dash?: 'solid' | 'dash' | 'dot'; shape?: 'linear' | 'hv' };
  marker?: {
    color?: string | string[];
    size?: number | number[];
    symbol?: string | string[];
    line?: { color?: string; width?: number };
  };
  error_x?: ErrorBars;
  fill?: 'toself';
  fillcolor?: string;
}

export interface BarTrace extends TraceBase {
  type: 'bar';
  orientation?: 'h' | 'v';
  x: (number | string)[];
  y: (number | string)[];
  text?: string[];
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
  colorbar?: { title?: { text: string; side?: 'top' | 'right'; font?: Font }; thickness?: number };
  xgap?: number;
  ygap?: number;
}

export interface SunburstTrace extends TraceBase {
  type: 'sunburst';
  ids: string[];
  labels: string[];
  parents: string[];
  values: number[];
  branchvalues: 'total';
  text?: string[];
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
  scaleanchor?: 'x' | 'y';
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

/** A picture behind the traces, in the units of the axes; `x`, `y` is its top left corner. */
export interface LayoutImage {
  source: string;
  xref: 'x';
  yref: 'y';
  x: number;
  y: number;
  sizex: number;
  sizey: number;
  sizing: 'stretch';
  layer: 'below';
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

/** One line that stands for a figure where nothing can be drawn: its title and subtitle, as plain text. */
export function describeFigure(figure: Figure): string {
  const { title } = figure.layout;
  return [title?.text, title?.subtitle?.text].filter(Boolean).map(plain).join(' - ') || 'figure';
}

function plain(text = ''): string {
  return text
    .replace(/<br>/g, ' ')
    .replace(/<\/?[bi]>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&#34;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}
