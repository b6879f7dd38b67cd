/** The usual constants for term saturation and length normalisation. */
const K1 = 1.2;
const B = 0.75;

/** Split a text into words: lower case, Unicode-normalised (NFKC). */
export function splitWords(text: string): string[] {
  return (
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  );
}

/**
 * Make a function that scores every document for a text query by BM25 (Robertson and Zaragoza 2009, "The Probabilistic Relevance
 * Framework", equation 3.15), with the non-negative inverse document frequency log(1 + (N - n + 0.5) / (n + 0.5)).
 */
export function bm25(documents: readonly string[]): (query: string) => Float32Array {
  const bags = documents.map((text) => splitWords(text));
  const meanLength = bags.reduce((sum, { length }) => sum + length, 0) / bags.length || 1;
  const postings = new Map<string, Map<number, number>>();
  bags.forEach((words, document) => {
    for (const word of words) {
      const counts = postings.get(word) ?? new Map<number, number>();
      counts.set(document, (counts.get(document) ?? 0) + 1);
      postings.set(word, counts);
    }
  });
  return (query) => {
    const scores = new Float32Array(documents.length);
    for (const word of splitWords(query)) {
      const counts = postings.get(word);
      if (!counts) continue;
      const rarity = Math.log(1 + (documents.length - counts.size + 0.5) / (counts.size + 0.5));
      for (const [document, count] of counts) {
        const length = K1 * (1 - B + (B * bags[document].length) / meanLength);
        scores[document] += (rarity * count * (K1 + 1)) / (count + length);
      }
    }
    return scores;
  };
}
