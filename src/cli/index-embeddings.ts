import { openCatalogue } from '../datasets/open.js';
import { readEmbeddingFile, writeEmbeddingFile } from '../search/files/embedding-file.js';
import { tableOfRows } from '../search/files/embedding-table.js';
import { openStore } from '../search/stores/open-store.js';
import { withProductFields } from '../search/stores/product-fields.js';
import { runCatalogue } from './run-catalogue.js';

export interface IndexOptions {
  /** What is loaded, and where: `postgres:TABLE` or `lance:FOLDER`. */
  embeddings?: string;
  to?: string;
  /** Products whose titles, categories, pictures and attributes become fields. Default: the data of the run. */
  data?: string;
  /** What is read out, and the file that it is written to. */
  from?: string;
  out?: string;
  json: boolean;
}

/** Load embeddings into a store, or read them out of one. @throws UserError; nothing is then half-written */
export async function indexEmbeddings({ embeddings, to, data, from, out, json }: IndexOptions): Promise<void> {
  const file = embeddings === undefined ? undefined : await readEmbeddingFile(embeddings);
  for (const note of file?.notes ?? []) console.error(`${embeddings}: ${note}`);
  const catalogue = data === undefined ? embeddings && (await runCatalogue(embeddings)) : await openCatalogue(data);
  const store = await openStore(to ?? from!);
  try {
    if (file) await store.put([withProductFields(file.rows, catalogue ? catalogue.products : [])]);
    const { ids, width, ...rows } = file?.rows ?? (await store.rows());
    if (!file) writeEmbeddingFile(out!, tableOfRows({ ids, width, ...rows }));
    const said = { items: ids.length, width, ...(file ? { to } : { from, out }) };
    console.log(
      json ? JSON.stringify(said) : `${ids.length} items ${file ? `loaded into ${to}` : `written to ${out}`}`,
    );
  } finally {
    await store.close();
  }
}
