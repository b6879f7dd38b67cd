import readSheets from 'read-excel-file/node';
import type { CsvRecord } from './csv.js';
import type { NoteLine } from './text-blocks.js';

/** Cells of an Excel sheet: texts, numbers, truth values and dates; null where empty. */
export interface SheetRecord extends Omit<CsvRecord, 'cells'> {
  cells: unknown[];
}

/** Records of the sheet of an Excel table with the most rows. Other sheets are noted, and so is a file that cannot be read. */
export async function sheetRecords(file: string, note: NoteLine): Promise<SheetRecord[]> {
  const sheets = await readSheets(file).catch((error: Error) => {
    note('bad-xlsx', undefined, error.message);
    return [];
  });
  const used = sheets
    .filter(({ data }) => data.some((cells) => cells.some((cell) => cell !== null)))
    .sort((a, b) => b.data.length - a.data.length);
  for (const { sheet } of used.slice(1))
    note('other-sheet', undefined, `the sheet ${JSON.stringify(sheet)} is not read`);
  return (used[0]?.data ?? []).flatMap((cells, at) =>
    cells.some((cell) => cell !== null && String(cell).trim() !== '') ? [{ line: at + 1, cells }] : [],
  );
}
