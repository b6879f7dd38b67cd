import type { Weights } from '../engine/flat-weights.js';
import * as tf from '../engine/tf.js';
import { type Adjusted, adjustLambdas } from '../weights/compose/adjust.js';
import { composeDecoupled } from '../weights/compose/decoupled.js';
import { averagedApart, joinedSide } from '../weights/compose/naive.js';
import { isOfModality } from './modality.js';
import { type AdapterTokens, adapterOf, type ComposedNetwork, withAdapter } from './network.js';
import type { ComposedSeed } from './train-seed.js';

/** How adapters of words are composed. */
export type Composition = 'matrices' | 'products' | 'decoupled';

/** Compose models of one modality into one of all. The caller frees `added`. */
export function composed(
  how: Composition,
  { words, plain, apart }: Pick<ComposedSeed, 'words' | 'plain' | 'apart'>,
  lambdas: readonly number[],
): { network: ComposedNetwork; added: Weights } {
  const models = how === 'decoupled' ? apart : plain;
  const own = Object.assign({}, ...models.map(({ weights }) => onlyModalities(weights)));
  const base = { ...words, modalities: models.flatMap(({ modalities }) => modalities) };
  if (how === 'decoupled') {
    const given = models.map(({ weights, modalities: [{ name }] }) => {
      return { modality: name, modal: adapterOf(weights, name), words: adapterOf(weights, 'words') };
    });
    const found = Object.entries(composeDecoupled(given, lambdas));
    const added = Object.assign({}, ...found.map(([name, weights]) => withAdapter(weights, name)));
    const tokens = (name: string): AdapterTokens => (name === 'words' ? 'words' : { modality: name });
    const adapters = Object.fromEntries(found.map(([name]) => [name, tokens(name)]));
    return { network: { ...base, adapters, weights: { ...words.weights, ...own, ...added } }, added };
  }
  const given = models.map(({ weights, modalities: [{ name }] }) => adapterOf(weights, name));
  const sum = how === 'matrices' ? averagedApart(given, lambdas) : joinedSide(given, lambdas);
  const added = withAdapter(sum, 'shared');
  return { network: { ...base, adapters: { shared: 'all' }, weights: { ...words.weights, ...own, ...added } }, added };
}

const onlyModalities = (weights: Weights) =>
  Object.fromEntries(Object.entries(weights).filter(([name]) => isOfModality(name)));

/** Factors of the adapters, chosen by accuracy on dev. */
export function adjusted(
  how: Composition,
  networks: Pick<ComposedSeed, 'words' | 'plain' | 'apart'>,
  values: readonly number[],
  accuracy: (network: ComposedNetwork) => Promise<number>,
): Promise<Adjusted> {
  return adjustLambdas(networks.plain.length, values, async (lambdas) => {
    const { network, added } = composed(how, networks, lambdas);
    try {
      return await accuracy(network);
    } finally {
      tf.dispose(added);
    }
  });
}
