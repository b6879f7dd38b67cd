import type { NoteLine } from '../../data/tables/text-blocks.js';

/** The content of a `*_Information.txt` file. */
export interface GroceryInformation {
  /** The shop's own title, used only as the text query for evaluation. */
  title?: string;
  /** manufacturer, country, volume. */
  attributes: Record<string, string[]>;
}

/** Keys that are not attributes: the description has its own file, and the others do not describe a property of the product. */
const unused = ['description', 'ingredients', 'nutrition values per 100 gram', 'url'];
/** The data set names one country in two languages, which would otherwise become two labels. */
const swedishNames: Record<string, string> = { Sverige: 'Sweden' };

/** Parse lines of the form `Key: value`. Other lines are noted, except indented ones, which belong to the nutrition table. */
export function parseInformation(text: string, note: NoteLine): GroceryInformation {
  const information: GroceryInformation = { attributes: {} };
  const put = (name: string, value: string) => {
    if (value) information.attributes[name] = [value];
  };
  text.split('\n').forEach((line, index) => {
    if (line.trim() === '' || /^\s/.test(line)) return;
    const colon = line.indexOf(':');
    const key = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    const noteHere = (kind: string, message: string) => note(kind, index + 1, message);

    if (key === 'title') information.title = value;
    else if (key === 'country' || key === 'manufacturing country') put('country', country(value, noteHere));
    else if (key === 'country and volume' || key === 'manufacturer and volume') {
      const split = /^(.*?)\s*,\s*((?:ca\s+)?\d.*)$/.exec(value);
      const [who, much] = split ? [split[1], split[2]] : [value, value];
      if (key === 'country and volume') put('country', country(who, noteHere));
      else put('manufacturer', who);
      put('volume', volume(much, noteHere));
    } else if (colon < 0 || !unused.includes(key)) noteHere('unparsed-line', `not understood: ${JSON.stringify(line)}`);
  });
  return information;
}

function country(name: string, note: (kind: string, message: string) => void): string {
  const known = swedishNames[name];
  if (known) note('translated-value', `country ${JSON.stringify(name)} is read as ${JSON.stringify(known)}`);
  return known ?? name;
}

/** `ca 1.05kg` -> `1.05 kg`. */
function volume(text: string, note: (kind: string, message: string) => void): string {
  const parts = /^(?:ca\s+)?(\d+(?:[.,]\d+)?)\s*(g|kg|ml|cl|dl|l)$/i.exec(text);
  if (parts) return `${parts[1].replace(',', '.')} ${parts[2].toLowerCase()}`;
  note('unparsed-volume', `no volume in ${JSON.stringify(text)}, expected an amount and a unit, e.g. "250 g"`);
  return '';
}
