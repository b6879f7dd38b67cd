import type { FormerNames } from '../checks/fill-in.js';

/** Former paths of options -> current names. Used only in error messages. */
export const formerNames: FormerNames = {
  draw: 'sampler',
  'sampler.asked': 'logged',
  longestText: 'maxTextTokens',
  'temperature.least': 'min',
  'temperature.most': 'max',
  'negatives.temporal.warmUp': 'start',
  'captioning.share': 'fraction',
  'optimizer.warmUp': 'warmUpSteps',
  'vision.variants': 'views',
};
