import * as tf from '../engine/tf.js';
import type { Rank } from './embeddings.js';
import { readOnce } from './top-rows.js';

/** Items of one group: only groups that can hold what is looked for are read from the engine. */
export const GROUP = 64;
/** Nearest items that are told. */
const SHOWN = 10;
/** Galleries up to so many groups are read whole. */
const SMALL = 32;

/**
 * Rank the queries of one block from their scores [queries, columns], columns in whole groups of 64, the first `ids.length` of
 * them items. Not `topRows`: ranks and ties need every score that is not below the relevant one's, however far down it stands, which no
 * list of the k highest holds. Of every group the engine gives the maximum. The ten nearest items stand in the eleven groups of the largest maxima
 * (one more than ten, as filling columns may lift a maximum), and items before the relevant one in groups whose maximum is not
 * below it. Where these are many, the engine counts.
 * @param golds rows of the items that are relevant to each query
 */
export function rankScores(
  scores: tf.Tensor2D,
  golds: readonly (readonly number[])[],
  ids: readonly string[],
): Omit<Rank, 'query' | 'gold'>[] {
  const [queries, columns] = scores.shape;
  const groups = columns / GROUP;
  const grouped = tf.reshape(scores, [queries * groups, GROUP]) as tf.Tensor2D;
  const maxima = readOnce(tf.tidy(() => tf.max(grouped, 1)));
  const wanted = bestOfGolds(scores, golds);
  const isRead = new Uint8Array(queries * groups);
  let many = 0;
  for (let place = 0; place < isRead.length; place++) {
    isRead[place] = Number(groups <= SMALL || maxima[place] >= wanted[Math.floor(place / groups)].score);
    many += isRead[place];
  }
  const counts = groups > SMALL && many > isRead.length / 4 ? countAll(scores, wanted, ids.length) : undefined;
  if (counts) isRead.fill(0);
  for (let at = 0; at < queries; at++)
    for (const group of largest(maxima.subarray(at * groups, (at + 1) * groups))) isRead[at * groups + group] = 1;
  const read = placesOf(isRead);
  const values = readOnce(tf.tidy(() => tf.gather(grouped, tf.tensor1d(read, 'int32'))));
  grouped.dispose();
  let start = 0;
  return wanted.map(({ score, relevant }, at) => {
    let end = start;
    while (end < read.length && read[end] < (at + 1) * groups) end++;
    const own = read.subarray(start, end).map((place) => place - at * groups);
    const found = readGroups(own, values.subarray(start * GROUP, end * GROUP), score, ids);
    start = end;
    const { before, notBehind } = counts ? { before: counts.before[at], notBehind: counts.notBehind[at] } : found;
    const tied = notBehind - before - relevant;
    return { before, tied, relevant, similarity: score, top: found.top, best: found.best };
  });
}

function placesOf(marks: Uint8Array): Int32Array {
  const places = new Int32Array(marks.reduce((sum, mark) => sum + mark, 0));
  let next = 0;
  for (let at = 0; at < marks.length; at++) if (marks[at]) places[next++] = at;
  return places;
}

/** The highest score among what is relevant to each query, and how many of it share that score. */
function bestOfGolds(scores: tf.Tensor2D, golds: readonly (readonly number[])[]) {
  const [, columns] = scores.shape;
  const places = Int32Array.from(golds.flatMap((rows, at) => rows.map((row) => at * columns + row)));
  const values = readOnce(tf.tidy(() => tf.gather(tf.reshape(scores, [-1]), tf.tensor1d(places, 'int32'))));
  let start = 0;
  return golds.map((rows) => {
    const own = Array.from(values.subarray(start, start + rows.length));
    start += rows.length;
    const score = Math.max(...own);
    return { score, relevant: own.filter((value) => value === score).length };
  });
}

/** Places of the largest maxima, largest first, the first of equals first. */
function largest(maxima: ArrayLike<number>): number[] {
  const found: number[] = [];
  for (let at = 0; at < maxima.length; at++) insert(found, at, (place) => maxima[place], SHOWN + 1);
  return found;
}

/** Keep `max` places in order of falling value. */
function insert(found: number[], place: number, scoreOf: (place: number) => number, max: number): void {
  const value = scoreOf(place);
  if (found.length === max && !(value > scoreOf(found[max - 1]))) return;
  let at = found.length;
  while (at > 0 && value > scoreOf(found[at - 1])) at--;
  found.splice(at, 0, place);
  if (found.length > max) found.pop();
}

/** What the read groups of one query hold, which stand in the order of the items. */
function readGroups(groups: Int32Array, values: ArrayLike<number>, wanted: number, ids: readonly string[]) {
  const itemOf = (place: number) => groups[Math.floor(place / GROUP)] * GROUP + (place % GROUP);
  const top: number[] = [];
  let before = 0;
  let notBehind = 0;
  for (let place = 0; place < values.length && itemOf(place) < ids.length; place++) {
    if (values[place] > wanted) before++;
    if (values[place] >= wanted) notBehind++;
    insert(top, place, (at) => values[at], SHOWN);
  }
  const highest = values[top[0]];
  const best: string[] = [];
  for (let place = 0; place < values.length && itemOf(place) < ids.length; place++)
    if (values[place] === highest) best.push(ids[itemOf(place)]);
  return {
    before,
    notBehind,
    top: top.map((place) => ({ id: ids[itemOf(place)], similarity: values[place] })),
    best,
  };
}

/** Items whose score is above the wanted one, and not below it, query by query. */
function countAll(scores: tf.Tensor2D, wanted: readonly { score: number }[], items: number) {
  const [before, notBehind] = tf.tidy(() => {
    const real = scores.shape[1] === items ? scores : tf.slice(scores, [0, 0], [-1, items]);
    const score = tf.tensor2d(
      wanted.map((each) => each.score),
      [wanted.length, 1],
    );
    return [tf.greater(real, score), tf.greaterEqual(real, score)].map((bits) => tf.sum(tf.cast(bits, 'int32'), 1));
  });
  return { before: readOnce(before), notBehind: readOnce(notBehind) };
}
