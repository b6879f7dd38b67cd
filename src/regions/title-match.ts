/**
 * Does a title name this thing? All words of the label stand in it next to each other, whatever their number or case; so does
 * one of the label's other names in a shop (`shopNames`).
 */
export function titleNames(title: string, label: string): boolean {
  const words = ` ${stems(title)} `;
  return [label, ...(shopNames[label] ?? [])].some((name) => words.includes(` ${stems(name)} `));
}

/** What titles call a thing for which COCO has another word. */
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

/** Words in lower case without their plural. The same rule on both sides, so that a stem need not be a word. */
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
