/** The field that a token comes from. Guided experts route by it, and figures colour by it. */
export const aspects = ['image', 'crop', 'title', 'category', 'attribute', 'prompt'] as const;
export type Aspect = (typeof aspects)[number];
