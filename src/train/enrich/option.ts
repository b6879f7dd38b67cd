import { fillIn } from '../../checks/fill-in.js';
import { type Filled, integer, number, orElse, record, tagged, text } from '../../checks/schema.js';

/**
 * Generated views of the products of training.
 * - `redraw`: `count` views a product. Generated data draw them: other backgrounds, cameras and clutter. Of a real product the main image is
 *   cut out by a segmentation network and set mirrored, moved, larger or smaller on another background.
 */
export type ViewsOption = { kind: 'none' } | { kind: 'redraw'; count: number; model?: string };

/**
 * Generated texts of the products of training.
 * - `caption`: the network of the run first learns captions for `steps` updates, in a copy that is thrown away, and writes up to `tokens`
 *   tokens on each main image. It is never given the true category or attributes.
 */
export type TitlesOption = { kind: 'none' } | { kind: 'caption'; steps: number; tokens?: number };

/**
 * What is kept of both.
 * - `frozen`: views whose cosine with the main image, and titles whose cosine with the true title, reach a minimum; by encoders that are not
 *   in training: an image encoder and a sentence encoder by name. What has no encoder is kept.
 */
export type ConsistencyOption =
  | { kind: 'none' }
  | { kind: 'frozen'; pictureEncoder?: string; textEncoder?: string; minView: number; minTitle: number };

/**
 * Co-augmentation (MOON2.0, arXiv 2511.12449): what is added to the products that training shows as items. Queries and evaluation never see it.
 * The paper writes titles with a large model and draws views with another; here both come from what is at hand.
 */
export interface EnrichOption {
  /** Default none. */
  views?: ViewsOption;
  /** Default none. */
  titles?: TitlesOption;
  /** Default none. */
  consistency?: ConsistencyOption;
}

const cosine = (of: string) => number({ min: -1, max: 1, help: `smallest cosine of ${of} that is kept` });

const none = { kind: 'none' } as const;

export const enrichSchema = record<EnrichOption, 'pictureEncoder' | 'textEncoder'>({
  views: orElse(
    tagged<ViewsOption>('generated views of products', {
      none: {},
      redraw: {
        count: integer({ min: 1, max: 16, help: 'views of each product' }),
        model: text({ default: 'u2netp', help: 'the segmentation network that cuts out real products' }),
      },
    }),
    none,
  ),
  titles: orElse(
    tagged<TitlesOption>('generated texts of products', {
      none: {},
      caption: {
        steps: integer({ min: 1, help: 'updates of the captioning network' }),
        tokens: integer({ min: 1, max: 96, default: 16, help: 'largest number of tokens of a generated text' }),
      },
    }),
    none,
  ),
  consistency: orElse(
    tagged<ConsistencyOption, 'pictureEncoder' | 'textEncoder'>('what is kept of generated views and texts', {
      none: {},
      frozen: {
        pictureEncoder: text({
          leftOut: 'all views are kept',
          help: 'the frozen image encoder that compares views, one that is not in training',
        }),
        textEncoder: text({
          leftOut: 'all texts are kept',
          help: 'the frozen sentence encoder that compares texts, one that is not in training',
        }),
        minView: cosine('a view with its main image'),
        minTitle: cosine('a generated text with the true title'),
      },
    }),
    none,
  ),
});

export const optionalEnrichSchema = orElse(enrichSchema, {});

/** The option with its defaults; nothing is generated if it is left out. */
export const enrichOption = (option: EnrichOption = {}): Filled<EnrichOption, 'pictureEncoder' | 'textEncoder'> =>
  fillIn(enrichSchema, option, 'enrich');

/** Whether anything is generated. */
export function enriches(option: EnrichOption | undefined): boolean {
  const { views, titles } = enrichOption(option);
  return views.kind !== 'none' || titles.kind !== 'none';
}
