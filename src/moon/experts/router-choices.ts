import { type Aspect, aspects } from '../aspect-option.js';
import type { Batch } from '../batch.js';
import type { ExpertRecord } from './layer.js';
import { type ExpertsOption, namedGroups } from './option.js';

/** Number of tokens of one aspect that one expert of one block read. `expert` is a named group's name or an ordinary expert's number. */
export interface RouterChoice {
  block: number;
  aspect: Aspect;
  expert: number | string;
  tokens: number;
}

/**
 * Count the router's choices for a batch (`embedBatch`'s `experts`) by block, aspect and expert. Padding does not count. With several
 * choices a token counts once at each of its experts.
 */
export async function routerChoices(
  option: ExpertsOption,
  { aspects: aspectOf }: Pick<Batch, 'aspects'>,
  records: readonly { block: number; routing: Pick<ExpertRecord['routing'], 'choices'> }[],
): Promise<RouterChoice[]> {
  const groups = namedGroups(option);
  const counts = new Map<string, RouterChoice>();
  for (const { block, routing } of records) {
    const choices = await routing.choices.data<'int32'>();
    const topK = routing.choices.shape[1];
    aspectOf.forEach((aspect, row) => {
      if (!aspect) return;
      const group = groups[aspect];
      for (const expert of group ? [group] : choices.subarray(row * topK, (row + 1) * topK)) {
        const key = `${block} ${aspect} ${expert}`;
        const found = counts.get(key) ?? { block, aspect, expert, tokens: 0 };
        counts.set(key, { ...found, tokens: found.tokens + 1 });
      }
    });
  }
  const place = ({ aspect }: RouterChoice) => aspects.indexOf(aspect);
  return [...counts.values()].sort(
    (a, b) => a.block - b.block || place(a) - place(b) || Number(a.expert) - Number(b.expert),
  );
}
