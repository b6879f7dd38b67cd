import { UserError } from '../checks/error.js';
import { nearestName } from '../checks/nearest-name.js';
import type { Product } from '../data/types.js';
import { openCatalogue } from '../datasets/open.js';
import { loadBest } from '../encoder/checkpoints.js';
import { preparePixels } from '../encoder/prepare.js';
import { startEngine } from '../engine/engine.js';
import { type Explanation, explain } from '../evaluate/explain.js';
import { dataOfRun } from './open-networks.js';

export interface ExplainOptions {
  /** Folder of the run. */
  run: string;
  /** Id of the product. */
  product: string;
  /** Default: the data path of the run. */
  data?: string;
  json: boolean;
}

/** Print how the network of a run processes one product. @throws UserError for an unknown run or product */
export async function explainProduct({ run, product: id, data, json }: ExplainOptions): Promise<void> {
  const catalogue = await openCatalogue(data ?? dataOfRun(run));
  const product = findProduct(catalogue.products, id);
  await startEngine();
  const encoder = loadBest(run);
  try {
    const pixels = await preparePixels(encoder.config, { ...catalogue, products: [product], pairs: [] });
    const { attention, ...told } = await explain(encoder, product, pixels);
    console.log(json ? JSON.stringify(told) : explanationText({ attention, ...told }));
  } finally {
    encoder.parameters.dispose();
  }
}

function findProduct(products: readonly Product[], id: string): Product {
  const found = products.find((product) => product.id === id);
  if (found) return found;
  const near = nearestName(
    id,
    products.map((product) => product.id),
  );
  throw new UserError(
    `--product: got '${id}', expected one of the ${products.length} products; the nearest is ${near}.`,
  );
}

const percent = (fraction: number) => `${(100 * fraction).toFixed(1)}%`;

function explanationText({ sequence, experts, box, attentionInBox, attention }: Explanation): string {
  const corners = box && [box.x1, box.y1, box.x2, box.y2].map((edge) => edge.toFixed(2)).join(' ');
  return [
    'sequence',
    ...sequence.map(
      ({ aspect, tokens, text }) => `  ${aspect.padEnd(9)} ${String(tokens).padStart(4)} tokens  ${text}`,
    ),
    ...expertLines(experts),
    `core region  ${corners ?? 'none'}`,
    ...(attention ? ['attention to the image, % per patch', ...attentionLines(attention)] : []),
    ...(attentionInBox === null ? [] : [`${percent(attentionInBox)} of it is in the core region`]),
  ].join('\n');
}

/** One line per block and aspect: `block 1  title     0: 3, 2: 1`, the number of tokens by expert. */
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
