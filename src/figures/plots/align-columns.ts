/** Rows of cells as lines of text: the first column to the left, the others to the right; control characters of data are shown as spaces. */
export function alignColumns(rows: string[][]): string[] {
  const clean = rows.map((row) => row.map(oneLine));
  const widths = clean[0].map((_, column) => Math.max(...clean.map((row) => row[column].length)));
  return clean.map((row) =>
    row
      .map((text, column) => (column ? text.padStart(widths[column]) : text.padEnd(widths[column])))
      .join('  ')
      .trimEnd(),
  );
}

/** A text of data without control characters, which could move a terminal's cursor. */
export function oneLine(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ');
}
