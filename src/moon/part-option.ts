/** Parts of the network that can have their own learning rate. */
export const parts = ['vision', 'projector', 'tokens', 'language', 'experts', 'router', 'temperature'] as const;
export type Part = (typeof parts)[number];
