/**
 * Other words for a label: what gives it away though it does not spell it. Keys in lower case. Plurals and hyphens need no entry
 * (`wordMask`).
 */
export type Aliases = Readonly<Record<string, readonly string[]>>;

/** Other words for these labels. */
export function aliasesOf(labels: readonly string[], aliases: Aliases): string[] {
  return labels.flatMap((label) => {
    const key = label.toLowerCase();
    return Object.hasOwn(aliases, key) ? aliases[key] : [];
  });
}

/** All words of several lists. */
export function joinAliases(...lists: readonly Aliases[]): Aliases {
  const joined = new Map<string, readonly string[]>();
  for (const [key, words] of lists.flatMap((list) => Object.entries(list)))
    joined.set(key, [...(joined.get(key) ?? []), ...words]);
  return Object.fromEntries(joined);
}
