/** Names that a message lists. */
const MAX_SHOWN = 20;

/** `columns that are not read: price, stock and 3 more` */
export function unreadColumns(names: readonly string[]): string {
  const more = names.length > MAX_SHOWN ? ` and ${names.length - MAX_SHOWN} more` : '';
  return `columns that are not read: ${names.slice(0, MAX_SHOWN).join(', ')}${more}`;
}
