/** Names of the baselines, for help texts, which load nothing else. */
export const baselineNames = ['random', 'bm25', 'minilm', 'efficientnet-lite0', 'efficientnet-lite2', 'heads'] as const;

export type BaselineName = (typeof baselineNames)[number];
