import type { QueryForm, Split } from '../../data/types.js';
import type { RandomStream } from '../../engine/random.js';

/** A purchase without its query content: the bought product and the form of the query. */
export interface Purchase {
  /** Id of the query; unique in the shop. */
  id: string;
  form: QueryForm;
  split: Split;
  /** Index of the bought product. */
  product: number;
}

export interface LogSettings {
  trainQueries: number;
  mix: Record<QueryForm, number>;
  evaluationQueries: number;
}

const forms: readonly QueryForm[] = ['image', 'text', 'product'];

/**
 * Sample the purchase log. Training queries follow the given mix of forms; the other splits have equally many queries of each form. All
 * products of a split are used once before any is used again.
 * @param splits split of each product
 */
export function sampleLog(splits: readonly Split[], settings: LogSettings, stream: RandomStream): Purchase[] {
  const purchases: Purchase[] = [];
  for (const split of ['train', 'dev', 'val', 'test'] as const) {
    const members = splits.flatMap((of, index) => (of === split ? [index] : []));
    if (members.length === 0) continue;
    const turns = split === 'train' ? mixed(settings) : equal(settings.evaluationQueries);
    const queue = stream.child(split);
    let round: number[] = [];
    queue.shuffle(turns).forEach((form, turn) => {
      if (turn % members.length === 0) round = queue.shuffle(members);
      const product = round[turn % members.length];
      purchases.push({ id: `${split}-${form}-${turn}`, form, split, product });
    });
  }
  return purchases;
}

function equal(count: number): QueryForm[] {
  return forms.flatMap((form) => new Array<QueryForm>(count).fill(form));
}

/** The forms in the exact proportions of the mix, rounded so that the counts add up. */
function mixed({ trainQueries, mix }: LogSettings): QueryForm[] {
  const total = mix.image + mix.text + mix.product;
  let before = 0;
  return forms.flatMap((form) => {
    const from = Math.round((before / total) * trainQueries);
    before += mix[form];
    return new Array<QueryForm>(Math.round((before / total) * trainQueries) - from).fill(form);
  });
}
