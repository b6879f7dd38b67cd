import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Catalogue } from '../data/types.js';
import { openCatalogue } from '../datasets/open.js';
import { loadBest } from '../encoder/checkpoints.js';
import { embed } from '../encoder/embed-inputs.js';
import type { Encoder } from '../encoder/encoder.js';
import { startEngine } from '../engine/engine.js';
import { type SearchQuery, searchCase } from '../evaluate/search-case.js';
import { gallery } from '../figures/cards/gallery.js';
import { reportPage } from '../figures/page/page.js';
import { writePage } from '../figures/page/write-page.js';
import { alignColumns } from '../figures/plots/align-columns.js';
import type { EmbeddingRows } from '../search/files/embedding-table.js';
import { isDatabase, openStore } from '../search/stores/open-store.js';
import { withProductFields } from '../search/stores/product-fields.js';
import type { Condition, FoundItem } from '../search/stores/vector-store.js';
import { runCatalogue } from './run-catalogue.js';

export interface SearchOptions {
  /** Folder of the run whose network embeds the text and the image. */
  run?: string;
  /** A file, the folder of a run, `postgres:TABLE` or `lance:FOLDER`. */
  index: string;
  text?: string;
  image?: string;
  /** Id of an item of the index. */
  like?: string;
  where: Condition[];
  top: number;
  method?: 'exact' | 'approximate';
  /** Default: the data of the index, if it is a run, or else, for a page, of `run`. */
  data?: string;
  json: boolean;
  html?: string;
}

/** Search an index with a text, an image or one of its items, and print what is nearest. @throws UserError */
export async function searchIndex(options: SearchOptions): Promise<void> {
  const { run, index, where, top, method, like, text, image, json, html } = options;
  const catalogue = await catalogueOf(options);
  const products = catalogue?.products ?? [];
  const store = await openStore(index, (rows) => withProductFields(rows, products));
  let encoder: Encoder | undefined;
  try {
    for (const note of store.notes) console.error(`${index}: ${note}`);
    if (run !== undefined) {
      await startEngine();
      encoder = loadBest(run);
    }
    const liked = like === undefined ? undefined : await store.items([like]);
    const queries = liked ?? (await embed(encoder!, [{ id: 'query', text, image }]));
    const without = like === undefined ? [] : [like];
    const [found] = await store.search(queries, top, { where, without, method });
    if (html !== undefined) {
      const asked = { text, image, like: liked && itemOf(liked), vector: encoder && queries.vectors };
      writePage(html, await searchPage(asked, found, options, { products, encoder }));
    }
    console.log(json ? JSON.stringify({ query: { text, image, like }, index, where, found }) : foundText(found));
  } finally {
    encoder?.parameters.dispose();
    await store.close();
  }
}

/** The products behind the index. Indexes but runs have fields of their own, and only a page shows more. */
async function catalogueOf({ data, index, run, html }: SearchOptions): Promise<Catalogue | undefined> {
  if (data !== undefined) return openCatalogue(data);
  return (await runCatalogue(index)) ?? (html !== undefined && run !== undefined ? runCatalogue(run) : undefined);
}

/** The first of some items. */
const itemOf = ({ ids: [id], fields }: EmbeddingRows) => ({
  id,
  fields: Object.fromEntries(Object.entries(fields).map(([name, [value]]) => [name, value])),
});

async function searchPage(
  query: SearchQuery,
  found: readonly FoundItem[],
  { index, where }: SearchOptions,
  { products, encoder }: Pick<Catalogue, 'products'> & { encoder?: Encoder },
): Promise<string> {
  const root = isDatabase(index) || statSync(index).isDirectory() ? undefined : dirname(index);
  const row = await searchCase(query, found, { products, encoder, root });
  const conditions = where.map(({ field, value }) => `${field} = ${value}`).join(', ');
  const text = [
    `The ${found.length} nearest items of ${index}${conditions && ` with ${conditions}`}, by the cosine of the angle to the query.`,
    ...(encoder
      ? [
          'A box is the core region that the network sees beside the picture. Below each item stands how similar the query is to its image, title, category and attributes, each read alone; together they give another number.',
        ]
      : []),
  ];
  return reportPage('Search', [
    { heading: 'Nearest items', text: text.join('\n\n'), html: gallery([row], row.query.label) },
  ]);
}

function foundText(found: readonly FoundItem[]): string {
  if (!found.length) return 'no item fits the conditions';
  const rows = found.map(({ id, similarity, fields }, at) => [
    `${at + 1}`,
    similarity.toFixed(4),
    id,
    fields.title ?? '',
  ]);
  const [head, ...lines] = alignColumns([['rank', 'similarity', 'id'], ...rows.map((row) => row.slice(0, 3))]);
  const titles = alignColumns([['title'], ...rows.map((row) => row.slice(3))]);
  return [head, ...lines].map((line, at) => `${line}  ${titles[at]}`.trimEnd()).join('\n');
}
