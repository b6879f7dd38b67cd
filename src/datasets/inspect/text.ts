import type { CategoryNode } from '../../data/category-tree.js';
import { foundLines } from '../../data/found-text.js';
import { groupBy } from '../../data/group-by.js';
import { maxGap, type NeighbourCheck } from '../../data/neighbour-check.js';
import { showColumns } from '../../data/tables/columns.js';
import type { DataIssue } from '../../data/types.js';
import type { Inspection } from './inspect.js';

/** Maximum number of issues shown per kind, and of children shown per category. */
const MAX_SHOWN = 5;

/** Maximum number of attributes shown. */
const MAX_ATTRIBUTES = 30;

/** Format an inspection for a terminal: counts first, then issues. */
export function inspectionText(inspection: Inspection): string {
  const { adapter, found, categories, tree, columns, layout } = inspection;
  return [
    `adapter     ${adapter}`,
    ...(layout ? [`layout      ${layout} (read another way with --map)`] : []),
    ...(columns ? [`columns     ${showColumns(columns)} (correct with --map)`] : []),
    ...foundLines(found).map((line) => line.replace(/^(\w+): /, (_, what: string) => what.padEnd(12))),
    `categories  ${categories.levels} levels, ${categories.leaves} leaves`,
    ...treeLines(tree, '  '),
    ...attributeLines(inspection),
    ...neighbourLines(inspection.neighbours),
    ...issueLines(inspection.issues),
  ].join('\n');
}

function treeLines(nodes: readonly CategoryNode[], indent: string): string[] {
  const lines = nodes
    .slice(0, MAX_SHOWN)
    .flatMap(({ name, products, children }) => [
      `${indent}${String(products).padStart(8)}  ${name}`,
      ...(indent.length > 2 ? [] : treeLines(children, `${indent}  `)),
    ]);
  const rest = nodes.slice(MAX_SHOWN);
  if (rest.length === 0) return lines;
  const products = rest.reduce((sum, node) => sum + node.products, 0);
  return [...lines, `${indent}${String(products).padStart(8)}  in ${rest.length} more`];
}

function attributeLines({ attributes, coverage, products }: Inspection): string[] {
  const lines = Object.entries(attributes).map(([name, values]) => {
    const percent = ((100 * coverage[name]) / products).toFixed(1);
    return `  ${name}: ${values} values, ${coverage[name]} products (${percent}%)`;
  });
  const rest = lines.length - MAX_ATTRIBUTES;
  const shown = rest > 0 ? [...lines.slice(0, MAX_ATTRIBUTES), `  and ${rest} more (--json has all)`] : lines;
  return [`attributes  ${lines.length}`, ...shown];
}

function neighbourLines(checks: readonly NeighbourCheck[]): string[] {
  if (checks.length === 0) return [];
  const lines = checks.map(({ feature, dev, val }) => {
    const gap = Math.abs(dev - val);
    const verdict =
      gap <= maxGap ? `within ${maxGap} points` : `more than ${maxGap} points: by this feature dev is another task`;
    return `  ${feature}: dev ${dev.toFixed(1)}, val ${val.toFixed(1)}; ${gap.toFixed(1)} apart, ${verdict}`;
  });
  return ['nearest     training photo of the same product, percent', ...lines];
}

function issueLines(issues: readonly DataIssue[]): string[] {
  const lines = [...groupBy(issues, ({ kind }) => kind)].flatMap(([kind, list]) => [
    `  ${kind}: ${list.length}`,
    ...list.slice(0, MAX_SHOWN).map(({ file, line, message }) => `    ${file}${line ? `:${line}` : ''}  ${message}`),
    ...(list.length > MAX_SHOWN ? [`    and ${list.length - MAX_SHOWN} more (--json has all)`] : []),
  ]);
  return [`issues      ${issues.length}`, ...lines];
}
