import { UserError } from '../checks/error.js';
import type { Found } from '../data/found.js';
import { exampleText } from '../data/found-text.js';
import { isRemote } from '../data/images/remote-image.js';
import type { MoonConfig } from './config.js';

/** What of a config decides whether a step shows images. */
type Shown = Pick<MoonConfig, 'sampler' | 'captioning'>;

/** Settings without which a config would train on text alone: queries with images, items with images, captions of images. */
function imageSettings({ sampler: { mix, withhold }, captioning }: Shown): string[] {
  return [
    ...(mix.image ? ['sampler.mix.image=0'] : []),
    ...(mix.product ? ['sampler.mix.product=0'] : []),
    ...((withhold.image ?? 0) < 1 ? ['sampler.withhold.image=1'] : []),
    ...(captioning.kind === 'none' ? [] : ['captioning.kind=none']),
  ];
}

/** Refuse to train a config that shows images where no product for training has one. @throws UserError */
export function checkTrainingImages(config: Shown, found: Found): void {
  const settings = imageSettings(config);
  const { training, images } = found;
  if (!settings.length || training.image > 0) return;
  // Without a product for training the split is wrong, unless the queries were left out with their images.
  if (!training.products && (images.found || !(images.missing + images.unreadable))) return;
  const alone = [...settings, ...(config.sampler.mix.text ? [] : ['sampler.mix.text=1'])];
  throw new UserError(
    `data: ${whatIsMissing(found)}, and this config shows images; ${remedyOf(found)}, or train on text alone with ${alone.map((each) => `--set ${each}`).join(' ')}.`,
  );
}

/** Refuse to measure a network of a config that shows images where the data name images and none was found. @throws UserError */
export function checkAskedImages(config: Shown, found: Found): void {
  const { images } = found;
  if (!imageSettings(config).length || images.found > 0 || images.missing + images.unreadable === 0) return;
  throw new UserError(
    `data: ${whatIsMissing(found)}, and the network was trained with images; ${remedyOf(found)}, or give the folder that has them with --data.`,
  );
}

function whatIsMissing({ root, images: { found, missing, unreadable, example }, training }: Found): string {
  const one = example ? ` (e.g. ${exampleText(example)})` : '';
  if (missing && !found && !unreadable) return `none of ${missing} images was found in ${root}${one}`;
  if (missing + unreadable && !found) return `none of ${missing + unreadable} images could be read in ${root}${one}`;
  return `none of ${training.products} products for training has an image${one}`;
}

function remedyOf({ root, images: { missing, unreadable, example } }: Found): string {
  if (example && isRemote(example.name)) return `fetch them with moon-lab data fetch ${root}`;
  if (missing) return 'correct the names, which are relative to that folder';
  return unreadable ? 'replace them' : 'add a column that names their images';
}
