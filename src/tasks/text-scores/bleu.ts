/** A text that was written, and the one that it should be. */
export interface TextPair {
  written: string;
  reference: string;
}

/** Longest run of words that counts. */
const ORDER = 4;

/**
 * BLEU of texts together (Papineni et al. 2002), from 0 to 1: matches and lengths are added up before the precisions are multiplied. As sacrebleu
 * computes it by default (13a words, exponential smoothing), with one reference each.
 */
export const corpusBleu = (pairs: readonly TextPair[]): number => bleuOf(pairs.map(countRuns), ORDER);

/** BLEU of one text, of the lengths of runs that it has (sacrebleu's effective order). */
export function sentenceBleu(pair: TextPair): number {
  const counts = countRuns(pair);
  const longest = counts.written.filter((count) => count > 0).length;
  return bleuOf([counts], Math.max(1, longest));
}

interface RunCounts {
  /** Runs of 1, 2, 3, 4 words that were written, and how many of them the reference has. */
  written: number[];
  found: number[];
  lengths: { written: number; reference: number };
}

function bleuOf(counts: readonly RunCounts[], order: number): number {
  const total = (of: (count: RunCounts) => number) => counts.reduce((sum, count) => sum + of(count), 0);
  const [written, reference] = [total(({ lengths }) => lengths.written), total(({ lengths }) => lengths.reference)];
  const found = Array.from({ length: ORDER }, (_, at) => total((count) => count.found[at]));
  if (!found.some(Boolean)) return 0;
  let [smoothing, logs] = [1, 0];
  for (let at = 0; at < order; at++) {
    const all = total((count) => count.written[at]);
    if (!all) return 0;
    if (!found[at]) smoothing *= 2;
    logs += Math.log(found[at] ? found[at] / all : 1 / (smoothing * all));
  }
  const brevity = written < reference ? Math.exp(1 - reference / written) : 1;
  return brevity * Math.exp(logs / order);
}

function countRuns({ written, reference }: TextPair): RunCounts {
  const [own, right] = [written, reference].map(bleuWords);
  const orders = Array.from({ length: ORDER }, (_, at) => at + 1);
  return {
    written: orders.map((order) => Math.max(0, own.length - order + 1)),
    found: orders.map((order) => sharedRuns(own, right, order)),
    lengths: { written: own.length, reference: right.length },
  };
}

/** How many runs of so many words two texts share, each as often as the text that has fewer. */
export function sharedRuns(first: readonly string[], second: readonly string[], order: number): number {
  const known = runsOf(second, order);
  let shared = 0;
  for (const [run, count] of runsOf(first, order)) shared += Math.min(count, known.get(run) ?? 0);
  return shared;
}

function runsOf(words: readonly string[], order: number): Map<string, number> {
  const runs = new Map<string, number>();
  for (let at = 0; at + order <= words.length; at++) {
    const run = words.slice(at, at + order).join(' ');
    runs.set(run, (runs.get(run) ?? 0) + 1);
  }
  return runs;
}

/** Words and punctuation by the rules of mteval-v13a, which BLEU of different papers shares. */
export function bleuWords(text: string): string[] {
  const plain = text
    .replaceAll('<skipped>', '')
    .replaceAll('-\n', '')
    .replaceAll('\n', ' ')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>');
  return ` ${plain} `
    .replaceAll(/([{-~[-` -&(-+:-@/])/g, ' $1 ')
    .replaceAll(/([^0-9])([.,])/g, '$1 $2 ')
    .replaceAll(/([.,])([^0-9])/g, ' $1 $2')
    .replaceAll(/([0-9])(-)/g, '$1 $2 ')
    .split(/\s+/)
    .filter(Boolean);
}
