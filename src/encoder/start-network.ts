import type { NewNetwork } from '../backbones/qwen25vl/network-option.js';
import { summaryWeights } from '../config/captioning.js';
import { checkConfig } from '../config/check-config.js';
import type { MoonConfig } from '../config/config.js';
import { configSummary } from '../config/config-summary.js';
import { preferenceSizes } from '../config/preference-sizes.js';
import { settledConfig } from '../config/settled-config.js';
import { trainedOnNothing } from '../data/trained-on.js';
import { askedProducts } from '../data/training-set.js';
import type { Catalogue } from '../data/types.js';
import { flatten, type Weights } from '../engine/flat-weights.js';
import { type RandomStream, randomStream } from '../engine/random.js';
import { summarised } from '../engine/summary.js';
import { lossWeights } from '../losses/loss-weights.js';
import { initSummaryHeads } from '../losses/summary-heads.js';
import { initMoon, type MoonModel } from '../moon/model.js';
import { visionOption } from '../pictures/vision-option.js';
import { textOption } from '../text/text-option.js';
import { buildModel } from './build-model.js';
import type { Encoder } from './encoder.js';
import { type DescribedNetwork, loadStart, noiseTokens, openStart, type Start } from './start-folder.js';
import { markVocabulary, trainVocabulary } from './vocabulary.js';

/**
 * Create the encoder that training starts from, which is also the untrained control of every table: a new network, whose tokenizer is
 * trained on the catalogue and whose weights are sampled, or the network of a folder (`network.from`).
 * @throws UserError for a wrong config, or a folder that does not fit it
 * @example
 * ```ts
 * const untrained = moon.startNetwork(moon.paper, moon.generateShop({ products: 50 }));
 * console.log(untrained.parameters.size);
 * untrained.parameters.dispose();
 * ```
 */
export function startNetwork(given: MoonConfig, catalogue: Catalogue): Encoder {
  checkConfig(given);
  const config = settledConfig(given);
  const stream = randomStream(config.seed, 'init');
  const { network } = config;
  const { weights, trainedOn, ...start } =
    'from' in network ? loadStart(config, network, stream) : newStart(config, network, catalogue, stream);
  Object.assign(
    weights,
    lossWeights(config.temperature, preferenceSizes(config), stream),
    headsOf(config, start.model, stream.child('summaries')),
  );
  return summarised({ config, ...start, ...flatten(weights), trainedOn }, networkSummary);
}

/** The heads of the losses that help summaries, for the features that the network reads. */
function headsOf(config: MoonConfig, { network: { text } }: MoonModel, stream: RandomStream): Weights {
  const vision = visionOption(config.vision);
  const features = vision.kind === 'onnx' ? vision.width : 0;
  return initSummaryHeads(summaryWeights(config.captioning), { width: text.width, features }, text.initRange, stream);
}

function newStart(config: MoonConfig, network: NewNetwork, catalogue: Catalogue, stream: RandomStream): Start {
  const described = describeNew(config, network, catalogue);
  return { ...described, weights: initMoon(described.model, stream), trainedOn: trainedOnNothing };
}

function describeNew(config: MoonConfig, { vocabulary }: NewNetwork, catalogue: Catalogue): DescribedNetwork {
  const products = askedProducts(catalogue);
  const tokenizer =
    textOption(config.text).kind === 'own'
      ? trainVocabulary(products, vocabulary, noiseTokens(config))
      : markVocabulary();
  return { model: buildModel(config, tokenizer), tokenizer };
}

/** The network of `startNetwork` without its weights. @throws UserError as it does */
export function describeNetwork(config: MoonConfig, catalogue: Catalogue): DescribedNetwork {
  const { network } = config;
  if (!('from' in network)) return describeNew(config, network, catalogue);
  const { model, tokenizer } = openStart(config, network);
  return { model, tokenizer };
}

function networkSummary({ config, model, parameters }: Encoder): string {
  const { depth, width, vocabSize } = model.network.text;
  return `Network: ${parameters.size.toLocaleString('en')} parameters, ${depth} blocks of width ${width}, ${vocabSize} tokens; of\n${configSummary(config)}`;
}
