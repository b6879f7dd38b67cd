import type { SchemaElement } from 'hyparquet';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { writeFully } from '../../store/large-transfer.js';
import type { EmbeddingRows } from './embedding-table.js';

/** Rows of a row group, so that a reader can skip, and memory stays small. */
const GROUP = 4096;

/** The levels of a list of numbers without gaps. */
const vectorSchema: SchemaElement[] = [
  { name: 'vector', repetition_type: 'REQUIRED', converted_type: 'LIST', num_children: 1 },
  { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
  { name: 'element', type: 'FLOAT', repetition_type: 'REQUIRED' },
];

/** Write rows to an open file as Parquet: `id`, the fields as texts or null, and `vector`. Call `end` after the last part. */
export function parquetWriter(
  handle: number,
  fields: readonly string[],
): { add(rows: EmbeddingRows): void; end(): void } {
  const writer = new ByteWriter();
  const flush = () => {
    writeFully(handle, new Uint8Array(writer.buffer, 0, writer.index));
    writer.index = 0;
  };
  const text = { type: 'BYTE_ARRAY', converted_type: 'UTF8' } as const;
  const file = new ParquetWriter({
    writer,
    schema: [
      { name: 'root', num_children: fields.length + 2 },
      { name: 'id', ...text, repetition_type: 'REQUIRED' },
      ...fields.map((name) => ({ name, ...text, repetition_type: 'OPTIONAL' }) as const),
      ...vectorSchema,
    ],
    createdBy: 'moon-lab',
  });
  return {
    add({ ids, vectors, width, fields: own }) {
      for (let start = 0; start < ids.length; start += GROUP) {
        const end = Math.min(ids.length, start + GROUP);
        const rows = Array.from({ length: end - start }, (_, at) =>
          Array.from(vectors.subarray((start + at) * width, (start + at + 1) * width)),
        );
        file.write({
          columnData: [
            { name: 'id', data: ids.slice(start, end) },
            ...fields.map((name) => ({ name, data: own[name].slice(start, end) })),
            { name: 'vector', data: rows },
          ],
          rowGroupSize: GROUP,
        });
        flush();
      }
    },
    end() {
      file.finish();
      flush();
    },
  };
}
