import type { Raster } from '../data/types.js';
import type { GraphQuestion } from './catalogue.js';

/** A function that guesses the answer to a question without a network. */
export type Guess = (question: GraphQuestion) => string;

/** The most frequent answer of the question's kind. @param known questions of training */
export function majority(known: readonly GraphQuestion[]): Guess {
  const byKind = new Map(
    [...new Set(known.map(({ kind }) => kind))].map((kind) => [
      kind,
      mostFrequent(known.filter((question) => question.kind === kind)),
    ]),
  );
  return ({ kind }) => byKind.get(kind) ?? '';
}

/** Levels of each channel: pixels of one of their combinations count as one colour. */
const LEVELS = 4;
const NEIGHBOURS = 9;

/**
 * What counts of coloured pixels alone tell: the most frequent answer among the training questions whose pictures have the most similar counts. They are
 * those with the same words, or where these are few of the same kind.
 * @param rasterOf the picture of a question
 */
export function ink(known: readonly GraphQuestion[], rasterOf: (question: GraphQuestion) => Raster): Guess {
  const counts = known.map((question) => inkOf(rasterOf(question)));
  const groups = new Map<string, number[]>();
  for (const [row, { kind, prompt }] of known.entries())
    for (const key of [kind, `${kind}|${prompt}`]) {
      const rows = groups.get(key) ?? [];
      rows.push(row);
      groups.set(key, rows);
    }
  return (question) => {
    const own = inkOf(rasterOf(question));
    const same = groups.get(`${question.kind}|${question.prompt}`) ?? [];
    const rows = same.length >= NEIGHBOURS ? same : (groups.get(question.kind) ?? []);
    const distance = (row: number) => counts[row].reduce((sum, value, at) => sum + (value - own[at]) ** 2, 0);
    const nearest = rows
      .map((row) => ({ row, far: distance(row) }))
      .sort((a, b) => a.far - b.far)
      .slice(0, NEIGHBOURS);
    return mostFrequent(nearest.map(({ row }) => known[row]));
  };
}

/** Square roots of the fractions of pixels of each colour, so that rare colours count too. */
function inkOf({ data }: Raster): Float64Array {
  const counts = new Float64Array(LEVELS ** 3);
  const level = (value: number) => Math.floor((value * LEVELS) / 256);
  for (let at = 0; at < data.length; at += 3)
    counts[(level(data[at]) * LEVELS + level(data[at + 1])) * LEVELS + level(data[at + 2])]++;
  return counts.map((count) => Math.sqrt((3 * count) / data.length));
}

/** The earliest of the answers that are most frequent. */
function mostFrequent(asked: readonly GraphQuestion[]): string {
  const counts = new Map<string, number>();
  for (const { answer } of asked) counts.set(answer, (counts.get(answer) ?? 0) + 1);
  return [...counts].reduce((best, next) => (next[1] > best[1] ? next : best), ['', 0] as [string, number])[0];
}
