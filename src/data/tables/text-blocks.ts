import { isUtf8 } from 'node:buffer';
import { type TextFormat, utf8Bytes } from './text-format.js';

/** Records an issue about a line (1-based) of the file being read. */
export type NoteLine = (kind: string, line: number | undefined, message: string) => void;

/** A block of complete lines. `text` ends with a line feed or at the end of the file. */
export interface TextBlock {
  /** 1-based number of the block's first line. */
  line: number;
  text: string;
}

/** Maximum length of a line in bytes, so that a damaged file cannot fill the memory. */
const maxLineBytes = 16 * 2 ** 20;
const lineFeed = 10;

/**
 * Read a text file in blocks of complete lines, in constant memory. A byte order mark is dropped, CRLF becomes a line feed, and other
 * carriage returns become spaces. Bytes that are not UTF-8 become U+FFFD, and their line is noted as `invalid-utf8`.
 * @param format of a file that is not plain UTF-8
 */
export async function* textBlocks(file: string, note: NoteLine, format?: TextFormat): AsyncGenerator<TextBlock> {
  let line = 1;
  for await (const bytes of completeLines(utf8Bytes(file, format), note)) {
    const block = { line, text: decodeText(bytes, line, note) };
    line += countLines(bytes);
    yield block;
  }
}

/** Decode bytes that start on line `line`. See `textBlocks` for what is repaired and noted. */
export function decodeText(bytes: Buffer, line: number, note: NoteLine): string {
  if (!isUtf8(bytes)) noteInvalidLines(bytes, line, note);
  const text = bytes.toString('utf8').replaceAll('\r\n', '\n').replaceAll('\r', ' ');
  return line === 1 && text.startsWith('\ufeff') ? text.slice(1) : text;
}

async function* completeLines(chunks: AsyncIterable<Buffer>, note: NoteLine): AsyncGenerator<Buffer> {
  let line = 1;
  let carried: Buffer[] = [];
  let carriedBytes = 0;
  let skipping = false;
  for await (let chunk of chunks) {
    if (skipping) {
      const feed = chunk.indexOf(lineFeed);
      if (feed < 0) continue;
      chunk = chunk.subarray(feed);
      skipping = false;
    }
    const end = chunk.lastIndexOf(lineFeed) + 1;
    if (end > 0) {
      const whole = Buffer.concat([...carried, chunk.subarray(0, end)]);
      yield whole;
      line += countLines(whole);
      carried = [];
      carriedBytes = 0;
    }
    carried.push(chunk.subarray(end));
    carriedBytes += chunk.length - end;
    if (carriedBytes > maxLineBytes) {
      note('long-line', line, `a line of more than ${maxLineBytes / 2 ** 20} MiB is not read`);
      carried = [];
      carriedBytes = 0;
      skipping = true;
    }
  }
  if (carriedBytes > 0) yield Buffer.concat(carried);
}

function noteInvalidLines(bytes: Buffer, firstLine: number, note: NoteLine): void {
  for (let start = 0, line = firstLine; start < bytes.length; line++) {
    const feed = bytes.indexOf(lineFeed, start);
    const end = feed < 0 ? bytes.length : feed;
    if (!isUtf8(bytes.subarray(start, end))) {
      note('invalid-utf8', line, 'bytes that are not UTF-8, read as U+FFFD');
    }
    start = end + 1;
  }
}

function countLines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(lineFeed); at >= 0; at = bytes.indexOf(lineFeed, at + 1)) count++;
  return count;
}
