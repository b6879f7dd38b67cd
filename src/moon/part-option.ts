/** Parts of the network that can have a learning rate of their own. */
export const parts = ['vision', 'projector', 'tokens', 'language', 'experts', 'router', 'temperature'] as const;
export type Part = (typeof parts)[number];
