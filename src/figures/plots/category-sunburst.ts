import type { Figure } from '../figure.js';
import { escapeLines, escapeText } from '../page/escape.js';
import { palette, titled } from '../theme.js';

/**
 * The category tree as a sunburst: one ring per level; the angle of an arc shows its number of products.
 * @param paths category path of each product, root to leaf
 */
export function categorySunburst(paths: string[][], title = 'Categories'): Figure {
  const counts = new Map<string, number>();
  for (const path of paths) {
    for (let depth = 1; depth <= path.length; depth++) {
      const id = idOf(path.slice(0, depth));
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
  }
  const ids = [...counts.keys()].sort();
  const nodes = ids.map((id) => JSON.parse(id) as string[]);
  const tops = [...new Set(nodes.map(([top]) => top))];
  const without = paths.filter((path) => path.length === 0).length;
  return {
    data: [
      {
        type: 'sunburst',
        ids,
        labels: nodes.map((path) => escapeText(path.at(-1) as string)),
        parents: nodes.map((path) => (path.length > 1 ? idOf(path.slice(0, -1)) : '')),
        values: ids.map((id) => counts.get(id) as number),
        branchvalues: 'total',
        marker: {
          colors: nodes.map(([top]) => palette[tops.indexOf(top) % palette.length]),
          line: { color: '#ffffff', width: 1 },
        },
        customdata: nodes.map((path) => hoverText(path, counts, paths.length)),
        hovertemplate: '%{customdata}<extra></extra>',
        leaf: { opacity: 1 },
        insidetextorientation: 'radial',
      },
    ],
    layout: {
      ...titled(
        title,
        `n = ${paths.length} products, ${counts.size} categories in ${Math.max(0, ...paths.map((path) => path.length))} levels${
          without ? `; without a category: ${without}` : ''
        }; click an arc to open it`,
      ),
      height: 620,
      uniformtext: { minsize: 11, mode: 'hide' },
      margin: { l: 8, r: 8, b: 8 },
    },
  };
}

/** JSON, since category names may contain any separator. */
function idOf(path: string[]): string {
  return JSON.stringify(path);
}

/** The full path, and its percentage of its parent and of all products. */
function hoverText(path: string[], counts: Map<string, number>, all: number): string {
  const own = counts.get(idOf(path)) as number;
  const percentOf = (of: number) => `${((100 * own) / of).toFixed(1)}%`;
  const above = path.slice(0, -1);
  const ofParent = above.length
    ? [`${percentOf(counts.get(idOf(above)) as number)} of ${escapeText(above.at(-1) as string)}`]
    : [];
  const parts = [`${own} ${own === 1 ? 'product' : 'products'}`, ...ofParent, `${percentOf(all)} of all`];
  return `${escapeLines(path.join(' > '))}<br>${parts.join(', ')}`;
}
