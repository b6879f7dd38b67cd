import { parse } from 'csv-parse/sync';
import { type NoteLine, textBlocks } from './text-blocks.js';
import type { TextFormat } from './text-format.js';

export interface CsvRecord {
  /** 1-based line on which the record begins. */
  line: number;
  cells: string[];
}

/** A quoted cell that spans more lines than this is treated as a stray quote. */
const maxRecordLines = 1000;

/**
 * Read the records of a delimited text file in constant memory, including the header, without blank ones. A stray quote does not swallow
 * rows: if a quote never closes, or closes many lines later in a record of another width, its lines are read one by one and noted as
 * `stray-quote`.
 * @param delimiter comma, semicolon, tab or pipe. By default the first line decides: Excel's `sep=;`, or the character that divides it into most
 * cells.
 */
export async function* csvRecords(
  file: string,
  note: NoteLine,
  delimiter = '',
  format?: TextFormat,
): AsyncGenerator<CsvRecord> {
  const reader: Reader = { delimiter, width: 0, note };
  let carried: string[] = [];
  let end = 1;
  for await (const block of textBlocks(file, note, format)) {
    const lines = block.text.split('\n');
    if (lines.at(-1) === '') lines.pop();
    end = block.line + lines.length;
    const first = block.line - carried.length;
    const { records, taken } = readLines(reader, [...carried, ...lines], first);
    yield* records;
    carried = [...carried, ...lines].slice(taken);
    if (carried.length > maxRecordLines) {
      yield* readSingly(reader, carried, first + taken);
      carried = [];
    }
  }
  if (carried.length > 0) yield* readSingly(reader, carried, end - carried.length);
}

interface Reader {
  /** Empty until the first line is read. */
  delimiter: string;
  /** Number of cells of the first record; 0 before it is read. */
  width: number;
  note: NoteLine;
}

/** Read as many complete records as the lines contain. `taken` is the number of lines consumed. */
function readLines(reader: Reader, lines: string[], first: number): { records: CsvRecord[]; taken: number } {
  const records: CsvRecord[] = [];
  let taken = 0;
  if (!reader.delimiter) {
    const named = first === 1 && /^"?sep=(.)"?$/i.exec(lines[0] ?? '')?.[1];
    reader.delimiter = named || detectDelimiter(lines.slice(0, 10));
    if (named) return skipped(1, readLines(reader, lines.slice(1), 2));
  }
  const take = (cells: string[], end: number) => {
    const start = taken;
    taken = end;
    // A title above the header has a single cell.
    if (reader.width < 2) reader.width = cells.length;
    if (end - start > 1 && cells.length !== reader.width) {
      records.push(...readSingly(reader, lines.slice(start, end), first + start));
    } else if (cells.some((cell) => cell.trim() !== '')) {
      records.push({ line: first + start, cells });
    }
  };
  parseText(`${lines.join('\n')}\n`, reader.delimiter, take);
  return { records, taken };
}

/** Read lines one by one. A quote that does not close on its own line is an ordinary character. */
function readSingly(reader: Reader, lines: string[], first: number): CsvRecord[] {
  reader.note('stray-quote', first, `a quote that never closes; ${lines.length} line(s) from here are read one by one`);
  const records: CsvRecord[] = [];
  lines.forEach((text, index) => {
    let read: string[] | undefined;
    const take = (cells: string[]) => {
      read = cells;
    };
    if (!parseText(`${text}\n`, reader.delimiter, take)) parseText(`${text}\n`, reader.delimiter, take, null);
    if (read?.some((cell) => cell.trim() !== '')) records.push({ line: first + index, cells: read });
  });
  return records;
}

/** Parse a text. Returns false if it ends inside a quoted cell. `end` is the number of lines up to the end of the record. */
function parseText(
  text: string,
  delimiter: string,
  take: (cells: string[], end: number) => void,
  quote: '"' | null = '"',
): boolean {
  try {
    parse(text, {
      delimiter,
      quote,
      record_delimiter: ['\n'],
      relax_quotes: true,
      relax_column_count: true,
      on_record: (cells: string[], { lines }) => {
        take(cells, lines);
        return null;
      },
    });
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === 'CSV_QUOTE_NOT_CLOSED') return false;
    throw error;
  }
}

const skipped = (lines: number, { records, taken }: ReturnType<typeof readLines>) => ({
  records,
  taken: taken + lines,
});

/** The character that divides the first line with one into most cells. */
function detectDelimiter(lines: readonly string[]): string {
  const delimiters = [',', ';', '\t', '|'];
  const bare = lines.map((line) => line.replace(/"(?:[^"]|"")*"/g, ''));
  const header = bare.find((line) => delimiters.some((each) => line.includes(each))) ?? '';
  const count = (delimiter: string) => header.split(delimiter).length;
  return delimiters.reduce((best, each) => (count(each) > count(best) ? each : best));
}
