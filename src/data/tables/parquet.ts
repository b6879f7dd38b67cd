import {
  type AsyncBuffer,
  asyncBufferFromFile,
  type FileMetaData,
  parquetMetadataAsync,
  parquetRead,
  parquetSchema,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { isObject, parseObject } from './json.js';
import type { Row } from './row.js';
import type { NoteLine } from './text-blocks.js';

interface ParquetFile {
  file: AsyncBuffer;
  metadata: FileMetaData;
  /** Of the columns. */
  names: string[];
}

/**
 * Read the rows of a Parquet file, with one row group in memory at a time. `line` is the row number. Texts that are not declared as such, and
 * pictures, are bytes. A column that cannot be read is noted and left out.
 */
export async function* parquetRows(path: string, note: NoteLine): AsyncGenerator<Row> {
  const opened = await open(path).catch((error: Error) => note('bad-parquet', undefined, error.message));
  if (!opened) return;
  const classes = classLabels(opened.metadata);
  let start = 0;
  for (const group of opened.metadata.row_groups) {
    const end = start + Number(group.num_rows);
    const columns: [name: string, values: unknown[]][] = [];
    // Read columns one after the other: with parallel reads hyparquet may leave an unhandled rejection, which ends the process.
    for (const name of opened.names) {
      try {
        const labels = classes.get(name);
        const read = await readColumn(opened, name, start, end);
        const values = labels ? read.map((value) => labels[Number(value)] ?? value) : read;
        columns.push([name, values]);
        if (values.length !== end - start) throw new Error(`${values.length} values for ${end - start} rows`);
      } catch (error) {
        note('bad-parquet', start + 1, `rows from here, column ${name}: ${(error as Error).message}`);
      }
    }
    const rows = columns.reduce((max, [, values]) => Math.max(max, values.length), 0);
    for (let row = 0; row < rows; row++) {
      yield { line: start + row + 1, values: Object.fromEntries(columns.map(([name, values]) => [name, values[row]])) };
    }
    start = end;
  }
}

/** Column names; empty if the file is not a Parquet file. */
export async function parquetColumns(path: string): Promise<string[]> {
  const opened = await open(path).catch(() => undefined);
  return opened?.names ?? [];
}

/** The names are taken here, with the rest of the metadata: a damaged schema is read without an error, and fails only where it is walked. */
async function open(path: string): Promise<ParquetFile> {
  const file = await asyncBufferFromFile(path);
  const metadata = await parquetMetadataAsync(file);
  return { file, metadata, names: columnNames(metadata) };
}

/** Read by chunks, not by rows: a damaged file may claim any number of rows, and the library would allocate memory for them. */
async function readColumn({ file, metadata }: ParquetFile, name: string, rowStart: number, rowEnd: number): Promise<unknown[]> {
  const chunks: ArrayLike<unknown>[] = [];
  const onChunk = ({ columnData }: { columnData: ArrayLike<unknown> }) => void chunks.push(columnData);
  await parquetRead({ file, metadata, columns: [name], rowStart, rowEnd, utf8: false, compressors, onChunk });
  return chunks.flatMap((chunk) => Array.from(chunk));
}

/** Names of the classes of columns that hold their numbers, as Hugging Face datasets keep them. */
function classLabels({ key_value_metadata: entries = [] }: FileMetaData): Map<string, string[]> {
  const text = entries.find(({ key }) => key === 'huggingface')?.value;
  const found = text === undefined ? undefined : parseObject(text, undefined, () => {});
  const features = isObject(found?.info) && isObject(found.info.features) ? found.info.features : {};
  return new Map(
    Object.entries(features).flatMap(([name, feature]) =>
      isObject(feature) && feature._type === 'ClassLabel' && Array.isArray(feature.names)
        ? [[name, feature.names.map(String)] as const]
        : [],
    ),
  );
}

function columnNames(metadata: FileMetaData): string[] {
  return parquetSchema(metadata).children.flatMap(({ element }) => element.name ?? []);
}
