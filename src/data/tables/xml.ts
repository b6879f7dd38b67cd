import { Parser } from 'htmlparser2';
import type { Row } from './row.js';
import { type NoteLine, textBlocks } from './text-blocks.js';
import type { TextFormat } from './text-format.js';

/** Elements that hold one product, in feeds of Google Merchant (RSS and Atom), Yandex and other shops. */
const items = new Set(['item', 'entry', 'product', 'offer', 'article', 'produkt', 'row', 'record', 'shopitem']);

/**
 * Rows of a product feed in XML, in constant memory. A row has the attributes of its element, and a column for each element inside: `g:price`
 * gives `price`, an element that comes twice or holds others of one name a list, `<param name="Colour">` the column `Colour`. Entities that
 * refer to other files are not read. `line` is the one on which the element begins.
 */
export async function* xmlRows(file: string, note: NoteLine, format: TextFormat): AsyncGenerator<Row> {
  const rows: Row[] = [];
  let line = 1;
  let found = false;
  let cells: Map<string, unknown> | undefined;
  let start = 1;
  let path: string[] = [];
  let text = '';
  const parser = new Parser(
    {
      onopentag(tag, attributes) {
        const name = localName(tag);
        if (!cells && items.has(name.toLowerCase())) {
          cells = new Map(Object.entries(attributes));
          start = line;
          path = [];
        } else if (cells) path.push(attributes.name ?? attributes.key ?? name);
        text = '';
      },
      ontext(part) {
        text += part;
      },
      onclosetag() {
        if (!cells) return;
        const [column] = path;
        if (column === undefined) {
          found = true;
          // `fromEntries` handles a name such as `__proto__` like any other.
          rows.push({ line: start, values: Object.fromEntries(cells) });
          cells = undefined;
        } else if (text.trim() !== '') {
          append(cells, path.length === 1 ? column : listName(column, path[path.length - 1]), text.trim());
        }
        path.pop();
        text = '';
      },
    },
    { xmlMode: true, decodeEntities: true },
  );
  for await (const block of textBlocks(file, note, format)) {
    line = block.line;
    for (const each of block.text.split('\n')) {
      parser.write(`${each}\n`);
      line++;
    }
    yield* rows.splice(0);
  }
  parser.end();
  yield* rows;
  if (!found) note('bad-xml', undefined, `no element ${[...items].join(', ')}: not a feed of products`);
}

const localName = (tag: string) => tag.slice(tag.indexOf(':') + 1);

/** `images` of `images > image`, `shipping price` of `shipping > price`. */
function listName(column: string, inner: string): string {
  return column.toLowerCase().startsWith(inner.toLowerCase().slice(0, 3)) ? column : `${column} ${inner}`;
}

function append(cells: Map<string, unknown>, column: string, text: string): void {
  cells.set(column, cells.has(column) ? [cells.get(column), text].flat() : text);
}
