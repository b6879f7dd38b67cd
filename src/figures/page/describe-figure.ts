import type { Figure } from '../figure.js';

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
