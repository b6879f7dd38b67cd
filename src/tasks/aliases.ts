/** Label in lower case -> synonyms that would reveal it in a text. Plurals and hyphen variants need no entry (see `wordMask`). */
export type Aliases = Readonly<Record<string, readonly string[]>>;

/** All synonyms of these labels. */
export function aliasesOf(labels: readonly string[], aliases: Aliases): string[] {
  return labels.flatMap((label) => {
    const key = label.toLowerCase();
    return Object.hasOwn(aliases, key) ? aliases[key] : [];
  });
}

/** Merge several tables of synonyms. */
export function joinAliases(...lists: readonly Aliases[]): Aliases {
  const joined = new Map<string, readonly string[]>();
  for (const [key, words] of lists.flatMap((list) => Object.entries(list)))
    joined.set(key, [...(joined.get(key) ?? []), ...words]);
  return Object.fromEntries(joined);
}
