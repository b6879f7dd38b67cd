import { groupBy } from './group-by.js';

/** A node of the category tree. `products` counts the products in this node and below. */
export interface CategoryNode {
  name: string;
  products: number;
  children: CategoryNode[];
}

/** Build the category tree from category paths (root to leaf). Returns the top-level nodes, largest first. */
export function categoryTree(paths: readonly (readonly string[])[]): CategoryNode[] {
  const byName = groupBy(
    paths.filter((path) => path.length > 0),
    ([name]) => name,
  );
  const nodes = [...byName].map(([name, group]) => ({
    name,
    products: group.length,
    children: categoryTree(group.map((path) => path.slice(1))),
  }));
  return nodes.sort((a, b) => b.products - a.products || (a.name < b.name ? -1 : 1));
}

/** Number of levels of the tree; 0 without categories. */
export function treeDepth(nodes: readonly CategoryNode[]): number {
  return nodes.reduce((deepest, { children }) => Math.max(deepest, 1 + treeDepth(children)), 0);
}

/** Number of nodes without children. */
export function countLeaves(nodes: readonly CategoryNode[]): number {
  return nodes.reduce((sum, { children }) => sum + (children.length === 0 ? 1 : countLeaves(children)), 0);
}
