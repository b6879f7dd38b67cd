const best = ['exact', 'e', 'perfect', 'excellent', 'relevant', 'purchase', 'buy', 'click', 'yes', 'true'];

/** The grades of judged pairs that mean that the product is what was asked for: the highest number, or the best word that is known. */
export function rightJudgements(grades: readonly string[]): string[] {
  const numbers = grades.map(Number);
  if (grades.every((grade, at) => grade !== '' && Number.isFinite(numbers[at]))) {
    const highest = Math.max(...numbers);
    return highest > 0 ? grades.filter((_, at) => numbers[at] === highest) : [];
  }
  const word = best.find((each) => grades.some((grade) => grade.toLowerCase() === each));
  return grades.filter((grade) => grade.toLowerCase() === word);
}
