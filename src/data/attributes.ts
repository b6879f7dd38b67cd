/** Attribute name -> its values, and the parts of the text that are no `key:value`. */
export interface ParsedAttributes {
  attributes: Record<string, string[]>;
  problems: { kind: 'attribute-without-key' | 'attribute-without-value'; part: string }[];
}

/**
 * The attribute string of the MBE benchmark: pairs joined by `,,`, each `key:value`, several values of a key joined by
 * `!!!` ("colour:red!!!blue,,material:wool"). A key that comes twice keeps the values of both. What has no key or no value is
 * left out and named.
 */
export function parseAttributes(text: string): ParsedAttributes {
  const attributes = new Map<string, string[]>();
  const problems: ParsedAttributes['problems'] = [];
  for (const part of text.split(',,')) {
    if (part.trim() === '') continue;
    const colon = part.indexOf(':');
    const key = part.slice(0, Math.max(colon, 0)).trim();
    const values = part
      .slice(colon + 1)
      .split('!!!')
      .map((value) => value.trim())
      .filter((value) => value !== '');
    if (!key) problems.push({ kind: 'attribute-without-key', part });
    else if (values.length === 0) problems.push({ kind: 'attribute-without-value', part });
    else {
      const known = attributes.get(key) ?? [];
      for (const value of values) if (!known.includes(value)) known.push(value);
      attributes.set(key, known);
    }
  }
  // Through fromEntries, so that a key such as `__proto__` is a key like any other.
  return { attributes: Object.fromEntries(attributes), problems };
}
