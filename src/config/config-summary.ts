import type { MoonConfig } from './config.js';

/** Summarise a config in a few lines: network, architecture choices, loss, training. */
export function configSummary(config: MoonConfig): string {
  const { network, experts, tune = { kind: 'full' }, region, pooling, negatives, loss, optimizer, sampler } = config;
  const routed =
    experts.kind === 'none'
      ? 'experts none'
      : `experts ${experts.kind} (${experts.count}, top ${experts.topK}, blocks ${experts.blocks.join(' ')})`;
  const seen = config.vision.kind === 'none' ? '' : ` ${config.imageSize} px,`;
  const sources = Object.entries(negatives).map(([name, { kind }]) => `${name} ${kind}`);
  return [
    `MoonConfig, seed ${config.seed}`,
    `  network    ${networkText(network)},${seen} ${config.attention} attention, vision ${config.vision.kind}`,
    `  pieces     ${routed}, region ${region.kind}, pooling ${pooling.kind}`,
    `  loss       ${loss.kind}, negatives: ${sources.join(', ')}`,
    `  training   ${optimizer.steps} steps of ${sampler.products} products x ${sampler.queries} queries, rate ${optimizer.rate}${tune.kind === 'full' ? '' : `, tuning ${tune.kind}`}`,
  ].join('\n');
}

function networkText(network: MoonConfig['network']): string {
  if (!('from' in network)) return `${network.size}, ${network.stem.kind} stem`;
  const { from, blocks } = network;
  return `from ${from}${blocks === undefined ? '' : `, ${blocks} blocks`}`;
}
