import { parseArgs } from 'node:util';
import { UserError, wrongOption } from '../checks/error.js';
import type { Product } from '../data/types.js';
import { openCatalogue } from '../datasets/open.js';
import { loadBest } from '../encoder/checkpoints.js';
import { preparePixels } from '../encoder/prepare.js';
import { type Explanation, explain } from '../evaluate/explain.js';
import { readManifest } from '../train/run/manifest.js';
import type { Command } from './command.js';

/** How the network of a run reads one product. */
export const explainProduct: Command = {
  usage: 'explain --run RUN --product ID [--data PATH] [--json]',
  summary: 'one product as a trained network reads it: sequence, experts by aspect, attention from title to image',
  async run(args) {
    const { values } = parseArgs({
      args,
      options: {
        run: { type: 'string' },
        product: { type: 'string' },
        data: { type: 'string' },
        json: { type: 'boolean' },
      },
    });
    if (!values.run) throw wrongOption('--run', values.run, 'the folder of a run');
    if (!values.product) throw wrongOption('--product', values.product, 'the id of a product');
    const catalogue = await openCatalogue(values.data ?? readManifest(values.run).data.path);
    const product = findProduct(catalogue.products, values.product);
    const trained = loadBest(values.run);
    try {
      const pixels = await preparePixels(trained.config, { ...catalogue, products: [product], pairs: [] });
      const { attention, ...told } = await explain(trained, product, pixels);
      console.log(values.json ? JSON.stringify(told) : explanationText({ attention, ...told }));
    } finally {
      trained.parameters.dispose();
    }
    return 0;
  },
};

function findProduct(products: readonly Product[], id: string): Product {
  const found = products.find((product) => product.id === id);
  if (found) return found;
  const some = products.slice(0, 5).map((product) => product.id);
  throw new UserError(
    `--product: got '${id}', which is none of the ${products.length} products, such as ${some.join(', ')}.`,
  );
}

const percent = (share: number) => `${(100 * share).toFixed(1)}%`;

function explanationText({ sequence, experts, box, attentionInBox, attention }: Explanation): string {
  const corners = box && [box.x1, box.y1, box.x2, box.y2].map((edge) => edge.toFixed(2)).join(' ');
  return [
    'sequence',
    ...sequence.map(
      ({ aspect, tokens, text }) => `  ${aspect.padEnd(9)} ${String(tokens).padStart(4)} tokens  ${text}`,
    ),
    ...expertLines(experts),
    `core region  ${corners ?? 'none'}`,
    ...(attention ? ['attention to the image, % of it by cell', ...attentionLines(attention)] : []),
    ...(attentionInBox === null ? [] : [`${percent(attentionInBox)} of it lies in the core region`]),
  ].join('\n');
}

/** One line a block and aspect: `block 1  title      expert 0: 3, 2: 1 tokens`. */
function expertLines(experts: Explanation['experts']): string[] {
  const lines = new Map<string, string[]>();
  for (const { block, aspect, expert, tokens } of experts) {
    const start = `  block ${block}  ${aspect.padEnd(9)}`;
    lines.set(start, [...(lines.get(start) ?? []), `${expert}: ${tokens}`]);
  }
  return lines.size ? ['tokens by expert', ...[...lines].map(([start, parts]) => `${start} ${parts.join(', ')}`)] : [];
}

function attentionLines(attention: number[][]): string[] {
  const total = attention.flat().reduce((sum, weight) => sum + weight, 0);
  return attention.map((row) => `  ${row.map((weight) => ((100 * weight) / total).toFixed(1).padStart(5)).join(' ')}`);
}
