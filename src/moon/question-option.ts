/** What a network writes about a picture: all texts of its product, or one thing that a prompt names. */
export const questionKinds = ['text', 'title', 'category', 'attribute', 'summary', 'box'] as const;
export type QuestionKind = (typeof questionKinds)[number];
