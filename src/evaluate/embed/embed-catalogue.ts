import { dataHash } from '../../data/data-hash.js';
import type { Catalogue, Split } from '../../data/types.js';
import { codeVersion } from '../../engine/compile/graph-cache.js';
import { longCall } from '../../engine/long-call.js';
import { queriesBeside, writeEmbeddingFile } from '../../search/files/embedding-file.js';
import { productFieldNames } from '../../search/stores/product-fields.js';
import { valueHash } from '../../store/content-hash.js';
import { type EmbedRow, productRows, queryFields, queryRows } from './embed-rows.js';
import type { EmbedSource } from './embed-source.js';
import { openParts } from './part-folder.js';

/** Rows of a part, if nothing else is said. */
const PART = 512;

/** One of several processes that share the work: the parts `index`, `index + of`, `index + 2 of` ..., from 0. */
export interface Shard {
  index: number;
  of: number;
}

export interface EmbedCatalogueOptions {
  /** The file; its ending says how (`writtenEndings`). */
  out: string;
  /** Embed the queries of this split too, into the file beside it (`queriesBeside`). */
  queries?: Split;
  /** Compute the parts of this shard alone and write no file: a call without it does, with the parts of all shards. */
  shard?: Shard;
  /** Rows that are embedded and held in memory at a time. They affect the last digits by rounding. Default 512. */
  part?: number;
  onProgress?: (progress: { label: string; done: number; total: number }) => void;
  signal?: AbortSignal;
}

/** What was written. */
export interface EmbeddedFile {
  file: string;
  rows: number;
  width: number;
  /** Ids that have no vector, with the reason. */
  left: [id: string, reason: string][];
}

/**
 * Embed all products of a catalogue, and the queries of a split, into files, part by part: an interrupted call resumes with the missing parts, and
 * shards share them. The files do not depend on where the parts were computed.
 * @returns the files; none for a shard
 * @throws UserError for parts of other vectors, and if it is interrupted
 */
export async function embedCatalogue(
  source: EmbedSource,
  catalogue: Catalogue,
  { out, queries, shard, part: size = PART, onProgress, signal }: EmbedCatalogueOptions,
): Promise<EmbeddedFile[]> {
  return longCall(signal, async (call) => {
    const data = dataHash(catalogue);
    const jobs = [
      { label: 'products', file: out, fields: productFieldNames(catalogue.products), rows: productRows(catalogue) },
      ...(queries
        ? [{ label: 'queries', file: queriesBeside(out), fields: queryFields, rows: queryRows(catalogue, queries) }]
        : []),
    ];
    const written: EmbeddedFile[] = [];
    for (const { label, file, fields, rows } of jobs) {
      const key = valueHash([source.identity, data, codeVersion(), size, label, queries]);
      const parts = openParts(`${file}.parts`, key, source.width);
      const count = Math.ceil(rows.length / size);
      for (let part = shard?.index ?? 0; part < count; part += shard?.of ?? 1) {
        if (!parts.has(part)) {
          call.signal.throwIfAborted();
          parts.save(part, await source.embed(rows.slice(part * size, (part + 1) * size), catalogue, call.signal));
        }
        const progress = { label, done: Math.min((part + 1) * size, rows.length), total: rows.length };
        call.show(progress);
        onProgress?.(progress);
      }
      if (!shard) written.push(join(parts, count, { file, fields, rows, width: source.width }));
    }
    return written;
  });
}

/** Join all parts to the file and remove them. */
function join(
  parts: ReturnType<typeof openParts>,
  count: number,
  { file, fields, rows, width }: { file: string; fields: readonly string[]; rows: readonly EmbedRow[]; width: number },
): EmbeddedFile {
  const byId = new Map(rows.map((row) => [row.id, row]));
  const all = Array.from({ length: count }, (_, part) => parts.about(part));
  const total = all.reduce((sum, { ids }) => sum + ids.length, 0);
  writeEmbeddingFile(file, {
    count: total,
    width,
    fields,
    *parts() {
      for (let part = 0; part < count; part++) yield parts.read(part, byId, fields);
    },
  });
  parts.remove();
  return { file, rows: total, width, left: all.flatMap(({ left }) => left) };
}
