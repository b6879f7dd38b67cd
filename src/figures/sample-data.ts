import type { Figure, Table } from './figure.js';

const NOTICE = 'Made-up sample data';

/** A copy of a figure, table or gallery with a notice that its data are made up. */
export function sampleData<Shown extends Figure | Table | string>(shown: Shown): Shown;
export function sampleData(shown: Figure | Table | string): Figure | Table | string {
  if (typeof shown === 'string') return `${noticeHtml}\n${shown}`;
  if ('html' in shown) return { html: `${noticeHtml}\n${shown.html}`, text: `${NOTICE}\n${shown.text}` };
  const { title } = shown.layout;
  const subtitle = title?.subtitle?.text;
  const text = subtitle ? `${NOTICE}; ${subtitle}` : NOTICE;
  return {
    ...shown,
    layout: { ...shown.layout, title: { text: '', ...title, subtitle: { ...title?.subtitle, text } } },
  };
}

const noticeHtml = `<div class="moon"><small>${NOTICE}</small></div>`;
