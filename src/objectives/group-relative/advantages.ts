/** How much better each text of a group is than the group. */
export interface Advantages {
  /** (reward - mean) / standard deviation, text by text; 0 where all of a group have one reward. */
  values: number[];
  /** Number of groups in which all have one reward: they teach nothing. */
  flat: number;
}

/** Advantages of GRPO (DeepSeekMath, arXiv 2402.03300, section 4.1.2). @param rewards of the texts of each group */
export function groupAdvantages(rewards: readonly (readonly number[])[]): Advantages {
  let flat = 0;
  const values = rewards.flatMap((group) => {
    const mean = group.reduce((sum, reward) => sum + reward, 0) / group.length;
    const deviation = Math.sqrt(group.reduce((sum, reward) => sum + (reward - mean) ** 2, 0) / group.length);
    if (deviation > 1e-9) return group.map((reward) => (reward - mean) / deviation);
    flat++;
    return group.map(() => 0);
  });
  return { values, flat };
}
