/** The field that a token comes from; `words` are those read on a picture. Guided experts route by it, and figures colour by it. */
export const aspects = ['image', 'crop', 'words', 'title', 'category', 'attribute', 'prompt'] as const;
export type Aspect = (typeof aspects)[number];
