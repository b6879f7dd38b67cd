import type { Say, SeedRow } from '../ablate/run/seed-study.js';
import { type Filler, textOf } from './filler.js';
import { decoder } from './fillers/decoder.js';
import { neighbour } from './fillers/neighbour.js';
import { borrowed, drop, oracle } from './fillers/simple.js';
import type { Filling } from './filling.js';
import type { CompletionSettings } from './study-settings.js';
import { textMatcher } from './text-match.js';
import { textMeasures } from './text-measures.js';
import { tunedWriters } from './tuned-writers.js';

/** Fill the titles of the gallery in every way. Further trained networks write alone; that of the seed reads what they wrote. */
export async function titleRows(
  { data, encoder, pixels, stream, signal, embed, embedPart, answersOf }: Filling,
  { most, tuning, match }: CompletionSettings,
  onProgress: Say,
): Promise<Record<string, Pick<SeedRow, 'tasks' | 'measures'>>> {
  const { shop, known, gallery } = data;
  const { rewarded, supervised } = await tunedWriters(
    encoder,
    shop,
    pixels,
    { ...tuning, most },
    { onProgress, signal },
  );
  const fillers: Record<string, Filler> = {
    drop,
    random: borrowed(known, stream.child('borrowed')),
    neighbour: neighbour(encoder, known, pixels),
    decoder: decoder(encoder, { most }),
    'blind decoder': decoder(encoder, { most, isBlind: true }),
    'decoder + rewards': decoder(rewarded.encoder, { most }),
    'blind + rewards': decoder(rewarded.encoder, { most, isBlind: true }),
    'decoder + titles': decoder(supervised.encoder, { most }),
    oracle: oracle(gallery),
  };
  const further: Record<string, Record<string, number>> = { 'decoder + rewards': rewarded.measures };
  const alike = match === undefined ? undefined : textMatcher(match);
  const bare = gallery.map((product) => ({ ...product, title: '' }));
  const rows: Awaited<ReturnType<typeof titleRows>> = {};
  try {
    for (const [at, [name, filler]] of Object.entries(fillers).entries()) {
      const filled = await filler({ products: bare, field: 'title', pixels, signal });
      const products = bare.map((product, row) => ({ ...product, title: textOf(filled[row]) }));
      rows[name] = {
        tasks: answersOf('title', { both: await embed(products), part: await embedPart(products, 'title') }),
        measures: { ...textMeasures({ truth: gallery, filled, known, facts: shop.facts, alike }), ...further[name] },
      };
      onProgress('titles', at + 1, Object.keys(fillers).length);
    }
  } finally {
    for (const own of [rewarded, supervised]) own.encoder.parameters.dispose();
  }
  return rows;
}
