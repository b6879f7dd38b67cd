import { parse } from 'csv-parse/sync';
import { type NoteLine, textBlocks } from './text-blocks.js';

export interface CsvRecord {
  /** 1-based line on which the record begins. */
  line: number;
  cells: string[];
}

/** A quoted cell that runs over more lines than this is taken for a stray quote. */
const longestRecord = 1000;

/**
 * The records of a delimited text file, header included, blank ones left out, in constant memory. A stray quote swallows
 * no rows: where one never closes, or closes many lines later in a record of another width, its lines are read singly and
 * noted as `stray-quote`.
 *
 * @param delimiter found from the first line (comma, semicolon or tab) when it is not given
 */
export async function* csvRecords(file: string, note: NoteLine, delimiter = ''): AsyncGenerator<CsvRecord> {
  const reader: Reader = { delimiter, width: 0, note };
  let carried: string[] = [];
  let end = 1;
  for await (const block of textBlocks(file, note)) {
    const lines = block.text.split('\n');
    if (lines.at(-1) === '') lines.pop();
    end = block.line + lines.length;
    const first = block.line - carried.length;
    const { records, taken } = readLines(reader, [...carried, ...lines], first);
    yield* records;
    carried = [...carried, ...lines].slice(taken);
    if (carried.length > longestRecord) {
      yield* readSingly(reader, carried, first + taken);
      carried = [];
    }
  }
  if (carried.length > 0) yield* readSingly(reader, carried, end - carried.length);
}

interface Reader {
  /** Empty until the first line is seen. */
  delimiter: string;
  /** Cells of the first record; 0 before it. */
  width: number;
  note: NoteLine;
}

/** Read as many whole records as the lines hold; `taken` counts the lines that were used up. */
function readLines(reader: Reader, lines: string[], first: number): { records: CsvRecord[]; taken: number } {
  reader.delimiter ||= commonestDelimiter(lines[0] ?? '');
  const records: CsvRecord[] = [];
  let taken = 0;
  const take = (cells: string[], end: number) => {
    const start = taken;
    taken = end;
    reader.width ||= cells.length;
    if (end - start > 1 && cells.length !== reader.width) {
      records.push(...readSingly(reader, lines.slice(start, end), first + start));
    } else if (cells.some((cell) => cell.trim() !== '')) {
      records.push({ line: first + start, cells });
    }
  };
  parseText(`${lines.join('\n')}\n`, reader.delimiter, take);
  return { records, taken };
}

/** Read lines one by one: a quote that does not close on its own line is an ordinary character. */
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

/** False when the text ends inside a quoted cell. `end` is the number of lines up to and with the record. */
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

function commonestDelimiter(header: string): string {
  const count = (delimiter: string) => header.split(delimiter).length;
  return [',', ';', '\t'].reduce((best, each) => (count(each) > count(best) ? each : best));
}
