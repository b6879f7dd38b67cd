import type { Figure, Table } from './figure.js';

const SAID = 'Made-up sample data';

/** A figure, table or gallery that says on its face that its numbers are made up; what was given stays as it is. */
export function sampleData<Shown extends Figure | Table | string>(shown: Shown): Shown;
export function sampleData(shown: Figure | Table | string): Figure | Table | string {
  if (typeof shown === 'string') return `${notice}\n${shown}`;
  if ('html' in shown) return { html: `${notice}\n${shown.html}`, text: `${SAID}\n${shown.text}` };
  const { title } = shown.layout;
  const subtitle = title?.subtitle?.text;
  const text = subtitle ? `${SAID}; ${subtitle}` : SAID;
  return {
    ...shown,
    layout: { ...shown.layout, title: { text: '', ...title, subtitle: { ...title?.subtitle, text } } },
  };
}

const notice = `<div class="moon"><small>${SAID}</small></div>`;
