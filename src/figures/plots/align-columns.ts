/** Rows of cells as aligned lines of text: the first column left-aligned, all others right-aligned. Control characters become spaces. */
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

/** Replace control characters, which could move the cursor of a terminal, by spaces. */
export function oneLine(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ');
}
