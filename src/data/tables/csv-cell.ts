/** A value as a cell of a CSV file (RFC 4180): quoted where it has to be; empty for undefined and null. */
export function csvCell(value: unknown): string {
  const text = value === undefined || value === null ? '' : String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
