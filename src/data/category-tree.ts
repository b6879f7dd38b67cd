import { groupBy } from './group-by.js';

/** A level of the category tree, with how many products stand in it and below it. */
export interface CategoryNode {
  name: string;
  products: number;
  children: CategoryNode[];
}

/** The first level of the tree that category paths (root to leaf) make, largest categories first. */
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

/** Levels of the tree: 0 for no categories. */
export function treeDepth(nodes: readonly CategoryNode[]): number {
  return nodes.reduce((deepest, { children }) => Math.max(deepest, 1 + treeDepth(children)), 0);
}

/** Nodes without children. */
export function countLeaves(nodes: readonly CategoryNode[]): number {
  return nodes.reduce((sum, { children }) => sum + (children.length === 0 ? 1 : countLeaves(children)), 0);
}
