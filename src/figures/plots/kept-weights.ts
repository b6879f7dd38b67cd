import type { Figure } from '../figure.js';
import { escapeText } from '../page/escape.js';
import { palette, titled } from '../theme.js';

/** What pruning left of one block. */
export interface PrunedBlock {
  block: number;
  weights: number;
  zeros: number;
}

/** The fraction of weights that each block keeps, of one or several methods. */
export function keptWeights(
  methods: readonly { name: string; blocks: readonly PrunedBlock[] }[],
  title = 'Kept weights',
): Figure {
  const [first] = methods;
  const total = first ? first.blocks.reduce((sum, { weights }) => sum + weights, 0) : 0;
  return {
    data: methods.map(({ name, blocks }, at) => ({
      type: 'bar' as const,
      name: escapeText(name),
      x: blocks.map(({ block }) => String(block)),
      y: blocks.map(({ weights, zeros }) => (100 * (weights - zeros)) / weights),
      marker: { color: palette[at % palette.length] },
      hovertemplate: 'block %{x}: %{y:.1f}% kept',
    })),
    layout: {
      ...titled(title, `n = ${total} weights in ${first?.blocks.length ?? 0} blocks`),
      height: 380,
      barmode: 'group',
      xaxis: { title: { text: 'block of the language model' }, type: 'category' },
      yaxis: { title: { text: 'kept (%)' }, range: [0, 100] },
      showlegend: methods.length > 1,
    },
  };
}
