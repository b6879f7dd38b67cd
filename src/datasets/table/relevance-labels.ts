const best = ['exact', 'e', 'perfect', 'excellent', 'relevant', 'purchase', 'buy', 'click', 'yes', 'true'];

/** The relevance labels that count as relevant: the highest number above 0, or the best word that is known. */
export function relevantLabels(labels: readonly string[]): string[] {
  const numbers = labels.map(Number);
  if (labels.every((label, at) => label !== '' && Number.isFinite(numbers[at]))) {
    const highest = Math.max(...numbers);
    return highest > 0 ? labels.filter((_, at) => numbers[at] === highest) : [];
  }
  const word = best.find((each) => labels.some((label) => label.toLowerCase() === each));
  return labels.filter((label) => label.toLowerCase() === word);
}
