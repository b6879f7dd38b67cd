import { isAscii, isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { UserError, wrongOption } from '../../checks/error.js';
import { nearestEncodings } from './encoding.js';

/** How the bytes of a file become text. */
export interface TextFormat {
  /** A name that TextDecoder knows. */
  encoding: string;
  /** Whether lines end in carriage returns alone, as old programs for the Macintosh wrote them. */
  carriageReturns: boolean;
}

/** Bytes with letters that are not ASCII, by which an encoding is guessed. */
const SAMPLE = 2 ** 16;

const foreign: [start: string, what: string, remedy: string][] = [
  ['PK\x03\x04', 'a ZIP archive or an Excel table', 'Unpack it, or name it .xlsx if it is an Excel table.'],
  ['\xd0\xcf\x11\xe0', 'an Excel table of the old format', 'Save it as .xlsx or as CSV.'],
  ['%PDF', 'a PDF document', 'Give a table.'],
  ['PAR1', 'a Parquet file', 'Name it .parquet.'],
];

/**
 * Find out how a file becomes text. A byte order mark decides; a file that is UTF-8, but for single damaged bytes, is UTF-8; for others the
 * encoding is guessed from their letters.
 * @param encoding given by the user
 * @throws UserError for an unknown encoding, and a file that is no text in any
 */
export async function textFormat(file: string, encoding?: string): Promise<TextFormat> {
  const { start, unusual, damaged } = await survey(file);
  const kind = foreign.find(([first]) => start.subarray(0, first.length).toString('latin1') === first);
  if (kind) throw new UserError(`data: ${JSON.stringify(file)} is ${kind[1]}. ${kind[2]}`);
  const used = encoding === undefined ? guess(start, unusual, damaged) : checked(encoding);
  const text = new TextDecoder(used).decode(unusual.length ? unusual : start);
  if (isRubbish(text))
    throw new UserError(
      `data: ${JSON.stringify(file)} is no text${encoding === undefined ? '' : ` in ${encoding}`}. Name its encoding with --encoding, or save it as UTF-8.`,
    );
  const first = new TextDecoder(used).decode(start);
  return { encoding: used, carriageReturns: first.includes('\r') && !first.includes('\n') };
}

/** The bytes of a file, unpacked if it is compressed by gzip. */
export async function* fileBytes(file: string): AsyncGenerator<Buffer> {
  const stream = createReadStream(file, { highWaterMark: 2 ** 18 });
  let unpacked: AsyncIterable<Buffer> = stream;
  if (/\.gz$/i.test(file)) {
    const gunzip = createGunzip();
    stream.on('error', (error) => gunzip.destroy(error));
    unpacked = stream.pipe(gunzip);
  }
  try {
    yield* unpacked;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!code.startsWith('Z_')) throw error;
    throw new UserError(
      `data: ${JSON.stringify(file)} is no whole gzip file (${(error as Error).message}). Get it again.`,
    );
  } finally {
    stream.destroy();
  }
}

/** The bytes of a text file as UTF-8, its lines ended by line feeds. */
export async function* utf8Bytes(file: string, format?: TextFormat): AsyncGenerator<Buffer> {
  if (!format || (format.encoding === 'utf-8' && !format.carriageReturns)) return yield* fileBytes(file);
  const decoder = new TextDecoder(format.encoding, { ignoreBOM: false });
  const lines = (text: string) => (format.carriageReturns ? text.replaceAll('\r', '\n') : text);
  for await (const bytes of fileBytes(file)) yield Buffer.from(lines(decoder.decode(bytes, { stream: true })));
  yield Buffer.from(lines(decoder.decode()));
}

interface Survey {
  /** The first bytes. */
  start: Buffer;
  /** Lines that are not ASCII. */
  unusual: Buffer;
  /** Whether the file is not UTF-8 as a whole. */
  damaged: boolean;
}

async function survey(file: string): Promise<Survey> {
  let start = Buffer.alloc(0);
  const unusual: Buffer[] = [];
  let sampled = 0;
  let damaged = false;
  let carried = Buffer.alloc(0);
  for await (const chunk of fileBytes(file)) {
    if (start.length < SAMPLE) start = Buffer.concat([start, chunk]).subarray(0, SAMPLE);
    const bytes = Buffer.concat([carried, chunk]);
    // A character may go over the border of two chunks, and a line feed is no part of one in UTF-8.
    const end = bytes.lastIndexOf(10) + 1 || bytes.length;
    const lines = bytes.subarray(0, end);
    carried = bytes.subarray(end);
    if (!isUtf8(lines)) damaged = true;
    if (sampled < SAMPLE)
      for (const line of unusualLines(lines)) {
        if (sampled < SAMPLE) unusual.push(line);
        sampled += line.length;
      }
    if (damaged && sampled >= SAMPLE) break;
  }
  if (!isUtf8(carried)) damaged = true;
  unusual.push(...unusualLines(carried));
  return { start, unusual: Buffer.concat(unusual).subarray(0, SAMPLE), damaged };
}

function* unusualLines(bytes: Buffer): Generator<Buffer> {
  if (isAscii(bytes)) return;
  for (let from = 0; from < bytes.length; ) {
    const feed = bytes.indexOf(10, from);
    const end = feed < 0 ? bytes.length : feed + 1;
    const line = bytes.subarray(from, end);
    if (!isAscii(line)) yield line;
    from = end;
  }
}

function guess(start: Buffer, unusual: Buffer, damaged: boolean): string {
  const mark = start.subarray(0, 3).toString('hex');
  if (mark.startsWith('fffe')) return 'utf-16le';
  if (mark.startsWith('feff')) return 'utf-16be';
  if (mark === 'efbbbf') return 'utf-8';
  const zeros = [0, 0];
  for (let at = 0; at < start.length; at++) if (start[at] === 0) zeros[at % 2]++;
  if (Math.max(...zeros) > start.length / 8) return zeros[1] > zeros[0] ? 'utf-16le' : 'utf-16be';
  if (!damaged || mostlyUtf8(unusual)) return 'utf-8';
  return nearestEncodings(unusual)[0] ?? 'utf-8';
}

/** Whether far more characters are whole than damaged. */
function mostlyUtf8(bytes: Buffer): boolean {
  const text = bytes.toString('utf8');
  const damaged = text.split('\ufffd').length - 1;
  const whole = [...text].filter((character) => character > '\x7f' && character !== '\ufffd').length;
  return whole > 4 * damaged;
}

/** Whether too many characters are such as no text has: controls, private or unassigned ones, damaged bytes. */
function isRubbish(text: string): boolean {
  const strange = text.match(/[^\P{Cc}\t\n\r\f]|[\p{Co}\p{Cn}\ufffd]/gu)?.length ?? 0;
  return strange > 32 && strange > text.length / 10;
}

function checked(encoding: string): string {
  try {
    return new TextDecoder(encoding).encoding;
  } catch {
    throw wrongOption('encoding', encoding, 'a name such as utf-8, utf-16le, windows-1252, gb18030 or shift_jis');
  }
}
