import readSheets from 'read-excel-file/node';
import type { TableRecord } from './header.js';
import type { NoteLine } from './text-blocks.js';

/**
 * Read an Excel table, whose cells are texts, numbers, truth values and dates, null where empty.
 * @returns a function that gives the records of the sheet with the most rows. Other sheets are noted, and so is a file that cannot be read.
 */
export async function openSheet(file: string): Promise<(note: NoteLine) => TableRecord[]> {
  let problem: string | undefined;
  const sheets = await readSheets(file).catch((error: Error) => {
    problem = error.message;
    return [];
  });
  const used = sheets
    .filter(({ data }) => data.some((cells) => cells.some((cell) => cell !== null)))
    .sort((a, b) => b.data.length - a.data.length);
  const records = (used[0]?.data ?? []).flatMap((cells, at) =>
    cells.some((cell) => cell !== null && String(cell).trim() !== '') ? [{ line: at + 1, cells }] : [],
  );
  const others = used.slice(1).map(({ sheet }) => sheet);
  return (note) => {
    if (problem !== undefined) note('bad-xlsx', undefined, problem);
    for (const sheet of others) note('other-sheet', undefined, `the sheet ${JSON.stringify(sheet)} is not read`);
    return records;
  };
}
