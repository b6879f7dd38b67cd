import { UserError } from '../../checks/error.js';
import type { MoonConfig } from '../../config/config.js';
import type { Change } from './change.js';

/** Changes of what published networks do: a language model (`network.from`), a segmentation network, a sentence encoder. */

const tuned =
  (tune: MoonConfig['tune']): Change =>
  (base) => ({ ...base, tune });

/** Nothing but the temperature learns: the network as it was published, beside a connector that was never trained. */
export const untouched: Change = tuned({ kind: 'parts', parts: ['temperature'] });

/** The connector between pictures and the language model, and the temperature. */
export const connectorOnly: Change = tuned({ kind: 'connector' });

/** All weights. */
export const fullTuning: Change = tuned({ kind: 'full' });

/** The connector learns from captions first, in 15% of the updates. */
export const captionsFirst: Change = (base) => ({
  ...base,
  captioning: { kind: 'captions', fraction: 0.15, parts: ['projector'] },
});

/** The same network with random weights, all of them trained. */
export const fromScratch: Change = (base) => {
  const { network } = base;
  if (!('from' in network))
    throw new UserError('fromScratch: needs a base whose network.from names a published network, such as smol.');
  return { ...base, network: { ...network, weights: 'random' }, tune: { kind: 'full' } };
};

/** Core regions by U2Netp in place of salience. */
export const segmentedRegions: Change = (base) => ({ ...base, region: { kind: 'segmentation', model: 'u2netp' } });

/** The words on pictures, read by PP-OCR. */
export const wordsOnPictures: Change = (base) => ({ ...base, ocr: { kind: 'paddle', model: 'pp-ocr' } });

/** Texts by the token states of a frozen MiniLM in place of a vocabulary of its own. */
export const frozenWords: Change = (base) => ({ ...base, text: { kind: 'frozen', model: 'minilm' } });
