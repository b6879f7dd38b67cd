import { wrongOption } from '../checks/error.js';
import { readsGates } from '../losses/objective-weights/option.js';
import { nestedOf } from '../moon/pooling-option.js';
import { alignmentOption, checkProportions } from '../objectives/dual/option.js';
import { samplerOption } from '../sampler/option.js';
import type { MoonConfig } from './config.js';

const FORMS = 3;

/**
 * Check that a config has what dual alignment reads.
 * @throws UserError naming the option that is in the way
 */
export function checkAlignment(config: MoonConfig): void {
  const option = alignmentOption(config.alignment);
  if (option.kind === 'single') return;
  checkProportions(option);
  const { vision, loss, pooling, experts, negatives, microBatch } = config;
  const { forms, queries, products } = samplerOption(config.sampler);
  const why = (reason: string) => `With alignment.kind 'dual' ${reason}.`;
  if (vision.kind === 'none')
    throw wrongOption('vision.kind', vision.kind, 'a kind that reads pictures', why('pictures are aligned with texts'));
  if (loss.symmetric) throw wrongOption('loss.symmetric', true, 'false', why('directions are objectives of their own'));
  if (nestedOf(pooling).length)
    throw wrongOption('pooling.nested', nestedOf(pooling), 'none', why('embeddings have one size'));
  if (pooling.kind === 'slots')
    throw wrongOption('pooling.kind', 'slots', `'mean' or 'last'`, why('a sequence has one vector'));
  if (forms !== 'each' || queries % FORMS)
    throw wrongOption(
      'sampler',
      { forms, queries },
      `forms 'each' and queries a multiple of ${FORMS}`,
      why('every product is asked by picture, by text and by both'),
    );
  if (readsGates(option.weights) && experts.kind !== 'modality')
    throw wrongOption(
      'alignment.weights.kind',
      option.weights.kind,
      `'equal' or 'fixed'`,
      `What experts prefer needs experts.kind 'modality'; it is '${experts.kind}'.`,
    );
  if (negatives.hard.kind === 'none') {
    if (option.reliability.kind === 'margin')
      throw wrongOption('alignment.reliability.kind', 'margin', `'one'`, 'It needs hard negatives (negatives.hard).');
    if (option.intra.kind !== 'none' && option.intra.against === 'opposite')
      throw wrongOption('alignment.intra.against', 'opposite', `'batch'`, 'It needs hard negatives (negatives.hard).');
  }
  const largest = products * Math.max(queries, 2);
  if (microBatch < largest)
    throw wrongOption('microBatch', microBatch, `at least ${largest}`, why('a step is embedded at once'));
}
