import type { Draft } from '../../data/catalogue-builder.js';
import { isObject, parseObject } from '../../data/json.js';

/** `attributes.json` at the data set's root, written by hand: `{ "<fine class name>": { "<attribute>": ["<value>", ...] } }`. */
export async function addAttributes(draft: Draft): Promise<void> {
  const file = 'attributes.json';
  if (!(await draft.folder.names('.')).includes(file)) return;
  const text = await draft.text(file, { file });
  const byName = text === undefined ? undefined : parseObject(text, undefined, draft.noteIn(file));
  if (!byName) return;
  for (const [name, attributes] of Object.entries(byName)) {
    const product = draft.products.get(name);
    if (!product) draft.note('unknown-class', { file }, `${JSON.stringify(name)} is not a class of classes.csv`);
    else if (!isAttributes(attributes)) {
      draft.note('bad-attributes', { file }, `${name}: expected { attribute: [value, ...] } with values of text`);
    } else product.attributes = { ...attributes };
  }
}

function isAttributes(value: unknown): value is Record<string, string[]> {
  return (
    isObject(value) &&
    Object.values(value).every((list) => Array.isArray(list) && list.every((item) => typeof item === 'string'))
  );
}
