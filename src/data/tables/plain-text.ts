import { Parser } from 'htmlparser2';

/** Elements that end a line of text. */
const blocks = new Set(
  'address article aside blockquote br dd div dl dt fieldset figure footer h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table td th tr ul'.split(
    ' ',
  ),
);
const inline =
  'a abbr b big cite code del em font i img ins label mark q s small span strike strong sub sup tt u video'.split(' ');
const hidden = ['script', 'style', 'noscript', 'iframe', 'object', 'template'];
const known = [
  ...blocks,
  ...inline,
  ...hidden,
  'html',
  'body',
  'head',
  'center',
  'tbody',
  'thead',
  'title',
  'meta',
  'link',
];
const markup = new RegExp(
  `<(?:/?(?:${known.join('|')})\\b[^>]*|!--.*?--|!doctype[^>]*|!\\[CDATA\\[.*?\\]\\])>|&(?:#\\d+|#x[0-9a-f]+|[a-z][a-z0-9]*);`,
  'is',
);

/**
 * The text of HTML, as a reader sees it: without tags, scripts and comments, entities decoded, spaces and lines as one space. A text without
 * known tags or entities stays as it is, but for its ends.
 */
export function plainText(text: string): string {
  if (!/[<&]/.test(text) || !markup.test(text)) return text.trim();
  let shown = '';
  let depth = 0;
  const parser = new Parser({
    onopentag(name) {
      if (hidden.includes(name)) depth++;
      if (blocks.has(name)) shown += ' ';
    },
    ontext(part) {
      if (!depth) shown += part;
    },
    onclosetag(name) {
      if (hidden.includes(name)) depth--;
      if (blocks.has(name)) shown += ' ';
    },
  });
  parser.end(text);
  return shown.replace(/\s+/g, ' ').trim();
}
