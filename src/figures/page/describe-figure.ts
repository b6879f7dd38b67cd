import type { Figure } from '../figure.js';

/** Title and subtitle of a figure as one line of plain text, for places where it cannot be drawn. */
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
