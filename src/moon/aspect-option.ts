/** What a token stands for; the guided experts and the figures go by it. */
export const aspects = ['image', 'crop', 'title', 'category', 'attribute', 'prompt'] as const;
export type Aspect = (typeof aspects)[number];
