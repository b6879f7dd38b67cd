/**
 * Whether a title names a class: it contains all words of the label next to each other, in any case, singular or plural. A label's other
 * names in shops (`shopNames`) count too.
 */
export function titleNames(title: string, label: string): boolean {
  const words = ` ${stems(title)} `;
  return [label, ...(shopNames[label] ?? [])].some((name) => words.includes(` ${stems(name)} `));
}

/** Names in shop titles for classes that COCO calls differently. */
const shopNames: Record<string, readonly string[]> = {
  backpack: ['rucksack'],
  bicycle: ['bike'],
  'cell phone': ['phone', 'smartphone', 'mobile'],
  couch: ['sofa'],
  cup: ['mug'],
  donut: ['doughnut'],
  'hair drier': ['hair dryer'],
  handbag: ['bag', 'purse', 'clutch', 'tote'],
  motorcycle: ['motorbike'],
  'potted plant': ['plant', 'flowerpot'],
  refrigerator: ['fridge'],
  remote: ['remote control'],
  suitcase: ['trolley', 'luggage'],
  tv: ['television'],
};

/** Words in lower case without plural endings. Both sides use the same rule, so a stem does not have to be a word. */
function stems(text: string): string {
  const words = text.toLowerCase().match(/\p{L}+/gu) ?? [];
  return words
    .map((word) =>
      word
        .replace(/(?<=..)ies$/, 'y')
        .replace(/(?<=s|x|z|ch|sh)es$/, '')
        .replace(/(?<=[^s])s$/, ''),
    )
    .join(' ');
}
