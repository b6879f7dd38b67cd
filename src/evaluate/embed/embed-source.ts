import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Catalogue } from '../../data/types.js';
import type { Encoder } from '../../encoder/encoder.js';
import { embeddingWidth } from '../../encoder/joined-embedding.js';
import { networkHash } from '../../encoder/network-hash.js';
import { preparePixels } from '../../encoder/prepare.js';
import { networkFolder } from '../../models/get-model.js';
import { hashFiles, valueHash } from '../../store/content-hash.js';
import { isReadable } from '../controls.js';
import { embedOnce } from '../embed-once.js';
import { frozenBaseline } from '../systems/baselines.js';
import { openFrozenVectors } from '../systems/frozen-vectors.js';
import { catalogueOf, type EmbedRow, withoutPictures } from './embed-rows.js';

/** Vectors of rows: those that show something, and why the others have none. */
export interface EmbeddedRows {
  ids: string[];
  vectors: Float32Array;
  /** Id -> reason. */
  left: [id: string, reason: string][];
}

/** What makes vectors of rows, part by part. */
export interface EmbedSource {
  width: number;
  /** Determines the vectors, beside the rows and the code. */
  identity: string;
  embed(rows: readonly EmbedRow[], catalogue: Catalogue, signal?: AbortSignal): Promise<EmbeddedRows>;
}

/** A network as a source. The pictures of a part are read when its turn comes. */
export async function networkSource(encoder: Encoder): Promise<EmbedSource> {
  const width = embeddingWidth(encoder);
  return {
    width,
    identity: await networkHash(encoder),
    async embed(rows, catalogue, signal) {
      const pixels = await preparePixels(encoder.config, catalogueOf(rows, catalogue), { signal });
      const { shown, left } = readableRows(rows, pixels.missing);
      const inputs = shown.map(({ input }) => input);
      const { of } = await embedOnce(encoder, inputs, pixels, { signal });
      const ids = shown.map(({ id }) => id);
      return { ids, vectors: of(ids, inputs).vectors, left };
    },
  };
}

/** A frozen encoder by its name as a source. @throws UserError for a name that is none, or a network that was not downloaded */
export async function frozenSource(name: string): Promise<EmbedSource> {
  const { parts, knows } = frozenBaseline(name);
  const folder = networkFolder(name);
  const { width } = await openFrozenVectors(parts, nothing);
  return {
    width,
    identity: valueHash([name, await hashFiles(filesIn(folder))]),
    async embed(rows, catalogue, signal) {
      const own = catalogueOf(rows, catalogue);
      const frozen = await openFrozenVectors(parts, own, { signal });
      const { shown, left } = readableRows(rows, frozen.missing, knows);
      return { ids: shown.map(({ id }) => id), vectors: frozen.of(shown.map(({ input }) => input)), left };
    },
  };
}

/** All files of a folder, by name. */
function filesIn(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.flatMap((entry) => (entry.isFile() ? [join(entry.parentPath, entry.name)] : [])).sort();
}

const nothing: Catalogue = { adapter: 'table', root: '', products: [], pairs: [], issues: [] };

/** The rows that show something, without pictures that could not be read. */
function readableRows(
  rows: readonly EmbedRow[],
  missing: ReadonlyMap<string, string>,
  knows = isReadable,
): { shown: EmbedRow[]; left: EmbeddedRows['left'] } {
  const left: EmbeddedRows['left'] = [];
  const shown = rows.flatMap((row) => {
    const input = withoutPictures(row.input, missing);
    if (knows(input)) return [{ ...row, input }];
    const images = row.input.kind === 'product' ? row.input.product.images : [row.input.query.image];
    const reason = images.flatMap((image) => (image && missing.get(image.id)) || [])[0];
    left.push([row.id, reason ?? 'it shows nothing that the network reads']);
    return [];
  });
  return { shown, left };
}
