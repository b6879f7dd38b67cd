import { numberList } from '../number-list.js';
import type { PictureNumbers } from '../picture-numbers.js';
import type { SequenceImage } from '../shown-picture.js';
import type { View } from './augmented-views.js';

/** Where the features of every view stand, in 8 bytes a view. */
export interface ViewTable {
  readonly count: number;
  /** A view by its number in the order of pictures. */
  at(number: number): View;
  keep(number: number, place: number): void;
  countOf(picture: number): number;
  placeOf(picture: number, view: number): number;
}

/** @param countOf number of views of a picture, at least 1 */
export function viewTable(pictures: PictureNumbers, countOf: (picture: SequenceImage) => number): ViewTable {
  const firsts = numberList(Uint32Array);
  const owners = numberList(Uint32Array);
  for (let picture = 0; picture < pictures.count; picture++) {
    firsts.push(owners.length);
    for (let left = countOf(pictures.at(picture)); left > 0; left--) owners.push(picture);
  }
  firsts.push(owners.length);
  const places = new Uint32Array(owners.length);
  return {
    count: owners.length,
    at(number) {
      const picture = owners.at(number);
      return { picture: pictures.at(picture), number: number - firsts.at(picture) };
    },
    keep(number, place) {
      places[number] = place;
    },
    countOf: (picture) => firsts.at(picture + 1) - firsts.at(picture),
    placeOf: (picture, view) => places[firsts.at(picture) + view],
  };
}
