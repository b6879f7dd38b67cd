import { groupBy } from './group-by.js';

/** Merge groups that share a member, transitively (union-find). */
export function mergeGroups(groups: readonly (readonly string[])[]): string[][] {
  const parent = new Map<string, string>();
  const rootOf = (member: string): string => {
    let root = member;
    while (parent.get(root) !== root) root = parent.get(root)!;
    for (let at = member; at !== root; ) {
      const next = parent.get(at)!;
      parent.set(at, root);
      at = next;
    }
    return root;
  };
  for (const group of groups) {
    for (const member of group) {
      if (!parent.has(member)) parent.set(member, member);
      parent.set(rootOf(member), rootOf(group[0]));
    }
  }
  return [...groupBy(parent.keys(), rootOf).values()];
}
