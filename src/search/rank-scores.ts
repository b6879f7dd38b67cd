import * as tf from '../engine/tf.js';
import type { Rank } from './embeddings.js';
import { readAndDispose } from './top-rows.js';

/** Number of items in a group. Only groups that may contain relevant scores are read from the engine. */
export const GROUP = 64;
/** Number of nearest items reported. */
const SHOWN = 10;
/** Galleries of at most this many groups are read completely. */
const SMALL = 32;

/**
 * Rank the queries of one block from their scores [queries, columns]. The number of columns is a multiple of 64; the first `ids.length`
 * columns are items. `topRows` cannot be used: ranks and ties need every score that is not below that of the relevant item, at any rank.
 * The engine computes the maximum of every group. The ten nearest items are in the eleven groups with the largest maxima (eleven, because
 * padding columns may raise a maximum), and items before the relevant one are in groups whose maximum is not below its score. If there are
 * many such groups, the engine counts instead.
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
  const maxima = readAndDispose(tf.tidy(() => tf.max(grouped, 1)));
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
  const values = readAndDispose(tf.tidy(() => tf.gather(grouped, tf.tensor1d(read, 'int32'))));
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

/** The highest score among the relevant items of each query, and how many of them share it. */
function bestOfGolds(scores: tf.Tensor2D, golds: readonly (readonly number[])[]) {
  const [, columns] = scores.shape;
  const places = Int32Array.from(golds.flatMap((rows, at) => rows.map((row) => at * columns + row)));
  const values = readAndDispose(tf.tidy(() => tf.gather(tf.reshape(scores, [-1]), tf.tensor1d(places, 'int32'))));
  let start = 0;
  return golds.map((rows) => {
    const own = Array.from(values.subarray(start, start + rows.length));
    start += rows.length;
    const score = Math.max(...own);
    return { score, relevant: own.filter((value) => value === score).length };
  });
}

/** Positions of the largest maxima in descending order; the first of equal ones comes first. */
function largest(maxima: ArrayLike<number>): number[] {
  const found: number[] = [];
  for (let at = 0; at < maxima.length; at++) insert(found, at, (place) => maxima[place], SHOWN + 1);
  return found;
}

/** Insert a position into a list of at most `max` positions, sorted by descending value. */
function insert(found: number[], place: number, scoreOf: (place: number) => number, max: number): void {
  const value = scoreOf(place);
  if (found.length === max && !(value > scoreOf(found[max - 1]))) return;
  let at = found.length;
  while (at > 0 && value > scoreOf(found[at - 1])) at--;
  found.splice(at, 0, place);
  if (found.length > max) found.pop();
}

/** Evaluate the groups read for one query, which are in the order of the items. */
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

/** Per query: number of items whose score is above that of the relevant item, and number of items whose score is not below it. */
function countAll(scores: tf.Tensor2D, wanted: readonly { score: number }[], items: number) {
  const [before, notBehind] = tf.tidy(() => {
    const real = scores.shape[1] === items ? scores : tf.slice(scores, [0, 0], [-1, items]);
    const score = tf.tensor2d(
      wanted.map((each) => each.score),
      [wanted.length, 1],
    );
    return [tf.greater(real, score), tf.greaterEqual(real, score)].map((bits) => tf.sum(tf.cast(bits, 'int32'), 1));
  });
  return { before: readAndDispose(before), notBehind: readAndDispose(notBehind) };
}
