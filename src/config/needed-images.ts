import { UserError } from '../checks/error.js';
import type { Found } from '../data/found.js';
import { exampleText } from '../data/found-text.js';
import { isRemote } from '../data/images/remote-image.js';
import { nearPath } from '../store/near-path.js';
import type { MoonConfig } from './config.js';

/** The parts of a config that decide whether a step shows images. */
type Shown = Pick<MoonConfig, 'vision' | 'sampler' | 'captioning'>;

/** The settings that turn a config into training on text alone: no queries with images, no items with images, no captions of images. */
function imageSettings({ vision, sampler: { mix, withhold }, captioning }: Shown): string[] {
  if (vision.kind === 'none') return [];
  return [
    ...(mix.image ? ['sampler.mix.image=0'] : []),
    ...(mix.product ? ['sampler.mix.product=0'] : []),
    ...((withhold.image ?? 0) < 1 ? ['sampler.withhold.image=1'] : []),
    ...(captioning.kind === 'none' ? [] : ['captioning.kind=none']),
  ];
}

/**
 * Refuse to train a config that shows images if no training product has one.
 * @throws UserError with the images that are missing and the remedy
 */
export function checkTrainingImages(config: Shown, found: Found): void {
  const settings = imageSettings(config);
  const { training, images } = found;
  if (!settings.length || training.image > 0) return;
  // If there is no training product at all, the split is wrong, unless the queries were left out with their images.
  if (!training.products && (images.found || !(images.missing + images.unreadable))) return;
  const alone = [...settings, ...(config.sampler.mix.text ? [] : ['sampler.mix.text=1'])];
  throw new UserError(
    `data: ${whatIsMissing(found)}, but this config shows images. To fix this, ${remedyOf(found)}, or train on text alone with ${alone.map((each) => `--set ${each}`).join(' ')}.`,
  );
}

/**
 * Refuse to evaluate a model whose config shows images if the data refer to images but none was found.
 * @throws UserError with the images that are missing and the remedy
 */
export function checkEvaluationImages(config: Shown, found: Found): void {
  const { images } = found;
  if (!imageSettings(config).length || images.found > 0 || images.missing + images.unreadable === 0) return;
  throw new UserError(
    `data: ${whatIsMissing(found)}, but the model was trained with images. To fix this, ${remedyOf(found)}, or give the folder that contains them with --data.`,
  );
}

function whatIsMissing({ root: place, images: { found, missing, unreadable, example }, training }: Found): string {
  const root = nearPath(place);
  const one = example ? ` (e.g. ${exampleText(example)})` : '';
  if (missing && !found && !unreadable) return `none of the ${missing} images was found in ${root}${one}`;
  if (missing + unreadable && !found)
    return `none of the ${missing + unreadable} images could be read in ${root}${one}`;
  return `none of the ${training.products} training products has an image${one}`;
}

function remedyOf({ root: place, images: { missing, unreadable, example } }: Found): string {
  if (example && isRemote(example.name)) return `fetch them with moon-lab data fetch ${nearPath(place)}`;
  if (missing) return 'correct the names, which are relative to that folder';
  return unreadable ? 'replace them' : 'add a column that names their images';
}
