import type { CatalogueBuilder } from '../../data/catalogue-builder.js';
import { isObject, parseObject } from '../../data/tables/json.js';

/** Read the hand-written `attributes.json` in the root of the data set: `{ "<fine class name>": { "<attribute>": ["<value>", ...] } }`. */
export async function addAttributes(builder: CatalogueBuilder): Promise<void> {
  const file = 'attributes.json';
  if (!(await builder.folder.names('.')).includes(file)) return;
  const text = await builder.text(file, { file });
  const byName = text === undefined ? undefined : parseObject(text, undefined, builder.noteIn(file));
  if (!byName) return;
  for (const [name, attributes] of Object.entries(byName)) {
    const product = builder.products.get(name);
    if (!product) builder.note('unknown-class', { file }, `${JSON.stringify(name)} is not a class of classes.csv`);
    else if (!isAttributes(attributes)) {
      builder.note('bad-attributes', { file }, `${name}: expected { attribute: [value, ...] } with values of text`);
    } else product.attributes = { ...attributes };
  }
}

function isAttributes(value: unknown): value is Record<string, string[]> {
  return (
    isObject(value) &&
    Object.values(value).every((list) => Array.isArray(list) && list.every((item) => typeof item === 'string'))
  );
}
