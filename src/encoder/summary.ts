import type { MoonConfig } from '../config/config.js';
import type { Pixels } from '../pictures/picture-store.js';
import type { StepRecord } from '../train/loop.js';
import type { Trained } from './encoder.js';

/** A config in four lines: the network, the pieces, the loss, the training. */
export function configSummary(config: MoonConfig): string {
  const { network, experts, region, pooling, negatives, loss, optimizer, draw } = config;
  const routed =
    experts.kind === 'none'
      ? 'experts none'
      : `experts ${experts.kind} (${experts.count}, top ${experts.topK}, blocks ${experts.blocks.join(' ')})`;
  const sources = Object.entries(negatives).map(([name, { kind }]) => `${name} ${kind}`);
  return [
    `MoonConfig, seed ${config.seed}`,
    `  network    ${network.size}, ${network.stem.kind} stem, ${config.imageSize} px, ${config.attention} attention, vision ${config.vision.kind}`,
    `  pieces     ${routed}, region ${region.kind}, pooling ${pooling.kind}`,
    `  loss       ${loss.kind}, negatives: ${sources.join(', ')}`,
    `  training   ${optimizer.steps} steps of ${draw.products} products x ${draw.queries} queries, rate ${optimizer.rate}`,
  ].join('\n');
}

export function networkSummary({ config, model, parameters }: Trained): string {
  const { depth, width, vocabSize } = model.network.text;
  return `Network: ${parameters.size.toLocaleString('en')} parameters, ${depth} blocks of width ${width}, ${vocabSize} tokens; of\n${configSummary(config)}`;
}

export function pixelsSummary({ regions, missing }: Pixels): string {
  const whole = Object.values(regions.fallbacks).reduce((sum, each) => sum + each, 0);
  return `Pixels: ${regions.regions} core regions, ${whole} of them the whole image; ${missing.size} images missing`;
}

export function runSummary({ records }: { records: readonly StepRecord[] }): string {
  const [first, last] = [records[0], records.at(-1)];
  return first && last
    ? `Run: ${last.step} of ${last.steps} steps, loss ${first.loss.toFixed(3)} -> ${last.loss.toFixed(3)}`
    : 'Run: no step yet';
}
