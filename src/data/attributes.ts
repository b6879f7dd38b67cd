/** Attribute name -> its values, and the parts of the text that are not `key:value`. */
export interface ParsedAttributes {
  attributes: Record<string, string[]>;
  problems: { kind: 'attribute-without-key' | 'attribute-without-value'; part: string }[];
}

/**
 * Parse an attribute string of the MBE benchmark: pairs joined by `,,`, each `key:value`, several values joined by `!!!`
 * ("colour:red!!!blue,,material:wool"). A repeated key collects the values of all its pairs. Parts without a key or a value are skipped and
 * returned in `problems`.
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
  // `fromEntries` handles a key such as `__proto__` like any other.
  return { attributes: Object.fromEntries(attributes), problems };
}
