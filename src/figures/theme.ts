import type { Font, HeatmapTrace, Layout, Shape, Template } from './figure.js';
import { escapeLines, escapeText } from './page/escape.js';

/** Colours, fonts, titles and CSS that all figures share. */

/** Seven colours that colour-blind readers can tell apart, on white and on black (Okabe and Ito 2008, without yellow and black, plus a violet). */
export const palette = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9', '#8C6BB1'] as const;

/** Grey for everything that is not data: chance, zero, "other". Readable on both backgrounds. */
export const neutral = '#808080';

/** Colours of good and bad. Colour-blind readers can tell them apart; they are never the only cue. */
export const verdict = { hit: '#009E73', miss: '#D55E00' } as const;

/** A perceptually uniform scale from low to high, whose low end is visible on white and on black (cividis, Nunez 2018). */
export const sequential: [number, string][] = [
  [0, '#00224e'],
  [0.25, '#434e6c'],
  [0.5, '#7d7c78'],
  [0.75, '#bcaf6f'],
  [1, '#fee838'],
];

const font = 'system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", "DejaVu Sans", sans-serif';

const inks = {
  light: { ink: '#1f2328', soft: '#57606a', grid: '#e4e7ea', line: '#afb8c1', paper: '#ffffff' },
  dark: { ink: '#e6e8ea', soft: '#a5adb6', grid: '#2c3138', line: '#59626c', paper: '#14171b' },
};

function template(mode: 'light' | 'dark'): Template {
  const { ink, soft, grid, line, paper } = inks[mode];
  const axis = {
    gridcolor: grid,
    linecolor: line,
    zerolinecolor: line,
    tickcolor: line,
    tickfont: { color: soft },
    title: { font: { size: 13, color: ink }, standoff: 10 },
    automargin: true,
  };
  return {
    layout: {
      font: { family: font, size: 13, color: ink },
      title: {
        font: { size: 17 },
        x: 0,
        xref: 'paper',
        xanchor: 'left',
        // Anchored at the top: centred in the margin, a title of several lines would overlap the plot.
        y: 1,
        yref: 'container',
        yanchor: 'top',
        pad: { t: 18 },
        subtitle: { font: { size: 12.5, color: soft } },
      },
      paper_bgcolor: paper,
      plot_bgcolor: paper,
      colorway: palette,
      xaxis: axis,
      yaxis: axis,
      scene: Object.fromEntries(
        ['xaxis', 'yaxis', 'zaxis'].map((name) => [
          name,
          { gridcolor: line, showbackground: false, color: soft, title: { font: { size: 12 } } },
        ]),
      ),
      legend: { font: { size: 12, color: ink } },
      hoverlabel: {
        align: 'left',
        namelength: -1,
        bgcolor: paper,
        bordercolor: line,
        font: { family: font, size: 12.5, color: ink },
      },
      margin: { l: 64, r: 24, t: 72, b: 56 },
    },
  };
}

/** The same style for a light and a dark background; the page picks one. */
export const templates = { light: template('light'), dark: template('dark') };

/**
 * Title, subtitle and theme of a figure. Escapes both texts.
 * @param subtitle one line or several; states n
 * @param width of the figure in pixels, at which the title wraps
 */
export function titled(
  title: string,
  subtitle: string | string[],
  width = 900,
): Pick<Layout, 'title' | 'template' | 'margin'> {
  const lines = [subtitle].flat().map(escapeText);
  const text = escapeLines(title, Math.floor((width - 90) / 9), 3); // a character of the title takes about 9 pixels
  const more = text.split('<br>').length + lines.length - 2;
  return {
    title: { text, subtitle: { text: lines.join('<br>') } },
    template: templates.light,
    ...(more ? { margin: { t: 72 + 22 * more } } : {}),
  };
}

/** n of several rows: `296`, or `280 to 296` if it differs between them. */
export function countRange(counts: number[]): string {
  const [min, max] = [Math.min(...counts), Math.max(...counts)];
  return min < max ? `${min} to ${max}` : `${counts.length ? min : 0}`;
}

/** The colour bar of a heatmap, with its unit as title. */
export function colourBar(text: string): HeatmapTrace['colorbar'] {
  return { title: { text, side: 'right', font: { size: 13 } }, thickness: 14 };
}

/** A dashed line across the whole plot at a reference level, such as chance. */
export function referenceLine(axis: 'x' | 'y', level: number): Shape {
  const line = { color: neutral, width: 1.5, dash: 'dash' as const };
  return axis === 'x'
    ? { type: 'line', yref: 'paper', x0: level, x1: level, y0: 0, y1: 1, line }
    : { type: 'line', xref: 'paper', x0: 0, x1: 1, y0: level, y1: level, line };
}

/** For annotations inside the plot. */
export const smallFont: Font = { size: 11.5 };

/** CSS of tables, galleries and pages. In a notebook, colours follow the notebook's theme. */
export const css = `
.moon { color-scheme: light dark; font: 14px/1.5 ${font.replaceAll('"', "'")};
  --moon-paper: var(--jp-layout-color0, var(--vscode-editor-background, ${inks.light.paper}));
  --moon-ink: var(--jp-content-font-color1, var(--vscode-editor-foreground, ${inks.light.ink}));
  --moon-soft: var(--jp-content-font-color2, var(--vscode-descriptionForeground, ${inks.light.soft}));
  --moon-line: var(--jp-border-color2, var(--vscode-panel-border, ${inks.light.grid}));
  --moon-hit: ${verdict.hit}; --moon-miss: ${verdict.miss}; color: var(--moon-ink); }
@media (prefers-color-scheme: dark) { .moon {
  --moon-paper: var(--jp-layout-color0, var(--vscode-editor-background, ${inks.dark.paper}));
  --moon-ink: var(--jp-content-font-color1, var(--vscode-editor-foreground, ${inks.dark.ink}));
  --moon-soft: var(--jp-content-font-color2, var(--vscode-descriptionForeground, ${inks.dark.soft}));
  --moon-line: var(--jp-border-color2, var(--vscode-panel-border, ${inks.dark.grid})); } }
.moon-tools { display: flex; flex-wrap: wrap; gap: 4px 20px; height: 36px; align-items: center; font-size: 13px; }
.moon-tools input, .moon-tools select { font: inherit; color: inherit; background: transparent; border: 1px solid var(--moon-line); border-radius: 4px; padding: 2px 6px; max-width: 15em; }
.moon-tools option { color: var(--moon-ink); background: var(--moon-paper); }
.moon-tools output { margin-left: 8px; color: var(--moon-soft); }
.moon table { border-collapse: collapse; margin: 0.5em 0; font-variant-numeric: tabular-nums; color: inherit; }
.moon caption { text-align: left; font-weight: 600; padding: 0 0 0.3em; }
.moon th, .moon td { padding: 0.3em 0.9em 0.3em 0; text-align: right; vertical-align: top; border-bottom: 1px solid var(--moon-line); }
.moon th:first-child, .moon td:first-child { text-align: left; white-space: pre-wrap; }
.moon small { color: var(--moon-soft); display: block; font-size: 0.85em; font-weight: normal; }
.moon td.score { white-space: nowrap; }
.moon th.note, .moon td.note { text-align: left; min-width: 16em; }
.moon .note, .moon .notes { color: var(--moon-soft); }
.moon .notes { font-size: 0.85em; padding-left: 1.6em; }
.moon sup { color: var(--moon-soft); padding-left: 0.3em; }
.moon figure.query { display: flex; gap: 24px; margin: 0 0 1.6em; }
.moon figure.twins { display: flex; gap: 8px; margin: 0 18px 12px 0; }
.moon .pair { display: flex; flex-direction: column; gap: 12px; }
.moon .results { display: flex; flex-wrap: wrap; gap: 10px; }
.moon .card { flex: 0 0 124px; font-size: 12px; line-height: 1.35; border-top: 3px solid var(--moon-line); padding-top: 4px; overflow-wrap: anywhere; }
.moon .card.hit { border-color: var(--moon-hit); }
.moon .card.miss { border-color: var(--moon-miss); border-top-style: dashed; }
.moon .frame { position: relative; height: 112px; display: flex; align-items: center; justify-content: center; margin-bottom: 4px; }
.moon .picture { position: relative; display: inline-block; line-height: 0; }
.moon .picture img { max-width: 124px; max-height: 112px; border-radius: 3px; }
.moon .box { position: absolute; border: 2px solid #E69F00; outline: 1px solid #000; box-sizing: border-box; }
.moon td.judged { text-align: left; max-width: 46em; }
.moon mark { color: inherit; background: transparent; border-bottom: 2px solid; }
.moon mark.hit { border-color: var(--moon-hit); }
.moon mark.miss { border-color: var(--moon-miss); border-bottom-style: dashed; }
.moon .title { display: -webkit-box; -webkit-line-clamp: 3; -webkit-box-orient: vertical; overflow: hidden; }
`;
