import type { Figure } from '../figure.js';
import { css } from '../theme.js';
import { figureHtml, figureLoader } from './browser.js';
import { escapeText } from './escape.js';

/** A section of a report: text first, then HTML, then a figure. */
export interface Section {
  heading: string;
  /** Plain text; blank lines separate paragraphs. */
  text?: string;
  figure?: Figure;
  /** HTML from the tables and galleries of `figures/`, or escaped by the caller; inserted as it is. */
  html?: string;
}

const pageCss = `
body.moon { margin: 0 auto; max-width: 1060px; padding: 24px 20px 60px; background: var(--moon-paper); }
body.moon h1 { font-size: 1.6em; margin: 0.2em 0 0.8em; }
body.moon h2 { font-size: 1.2em; margin: 2em 0 0.4em; border-bottom: 1px solid var(--moon-line); padding-bottom: 0.2em; }
body.moon p { max-width: 46em; }
body.moon section { overflow-x: auto; }
body.moon .moon-figure { margin: 0.8em 0; }`;

/** A self-contained HTML page: it works from disk without a network, and follows the reader's light or dark mode. */
export function reportPage(title: string, sections: Section[]): string {
  const body = sections.map(
    ({ heading, text, figure, html }, at) =>
      `<section><h2>${escapeText(heading)}</h2>
${paragraphs(text)}${html ?? ''}${figure ? figureHtml(figure, `figure-${at + 1}`) : ''}</section>`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeText(title)}</title><style>${css}${pageCss}</style></head>
<body class="moon"><h1>${escapeText(title)}</h1>
${body.join('\n')}
${sections.some((section) => section.figure) ? figureLoader() : ''}</body></html>
`;
}

function paragraphs(text = ''): string {
  return text
    .split(/\n\s*\n/)
    .filter((part) => part.trim())
    .map((part) => `<p>${escapeText(part.trim())}</p>\n`)
    .join('');
}
