import { UserError } from '../../checks/error.js';

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&#34;', "'": '&#39;' };

/**
 * Escape text for HTML, for quoted attributes, and for plotly, which interprets tags and entities too. The title `<b>` then appears as
 * these three characters.
 */
export function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character]);
}

/** Like `escapeText`, but wrapped at about `width` characters for a hover label; truncated after `lines` lines. */
export function escapeLines(text: string, width = 44, lines = 4): string {
  return brokenLines(text, width, lines).map(escapeText).join('<br>');
}

/** Whether `escapeLines` shows the whole text: nothing truncated, no word broken. */
export function showsWhole(text: string, width = 44, lines = 4): boolean {
  return brokenLines(text, width, lines).join(' ') === text.trim().split(/\s+/).join(' ');
}

function brokenLines(text: string, width: number, lines: number): string[] {
  const words = text.split(/\s+/).flatMap((word) => word.match(new RegExp(`.{1,${width}}`, 'gu')) ?? []);
  const out: string[] = [];
  for (const word of words) {
    const line = out.at(-1);
    if (line !== undefined && line.length + word.length < width) out[out.length - 1] = `${line} ${word}`;
    else out.push(word);
  }
  if (out.length > lines) out.splice(lines, out.length, '...');
  return out;
}

/** JSON for a script element: no text in the value can close the element. */
export function escapeJson(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

/**
 * Check that a thumbnail is safe as the `src` of an image: a data URI of pixels, which fetches and runs nothing.
 * @returns the thumbnail unchanged
 * @throws UserError for any other text
 */
export function imageUri(uri: string | undefined, label: string): string | undefined {
  if (uri === undefined || /^data:image\/(png|jpeg|webp|gif|avif);base64,[A-Za-z0-9+/]+=*$/.test(uri)) return uri;
  throw new UserError(
    `thumbnail of ${JSON.stringify(label)}: got "${uri.slice(0, 40)}", expected a data URI of a png, jpeg, webp, gif or avif in base64.`,
  );
}
