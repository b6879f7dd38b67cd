import { describe, expect, it } from 'vitest';
import { ropeIndex } from '../../../src/backbones/qwen25vl/positions.js';

const image = 9;
const options = { imageTokenId: image, mergeSize: 2 };
const index = (...sequences: Parameters<typeof ropeIndex>[0]) => {
  const { positions, next } = ropeIndex(sequences, options);
  const length = sequences[0].ids.length;
  const plane = sequences.length * length;
  const of = (axis: number, row: number) =>
    [...positions].slice(axis * plane + row * length, axis * plane + (row + 1) * length);
  return { axes: sequences.map((_, row) => [0, 1, 2].map((axis) => of(axis, row))), next };
};

describe('ropeIndex', () => {
  it('counts text up on all axes', () => {
    const { axes, next } = index({ ids: [1, 2, 3], grids: [] });
    expect(axes[0]).toEqual([
      [0, 1, 2],
      [0, 1, 2],
      [0, 1, 2],
    ]);
    expect(next).toEqual([3]);
  });

  it('counts rows and columns of an image and goes on after the larger side', () => {
    const { axes, next } = index({ ids: [1, 9, 9, 9, 9, 9, 9, 2, 3], grids: [{ t: 1, h: 4, w: 6 }] });
    expect(axes[0]).toEqual([
      [0, 1, 1, 1, 1, 1, 1, 4, 5],
      [0, 1, 1, 1, 2, 2, 2, 4, 5],
      [0, 1, 2, 3, 1, 2, 3, 4, 5],
    ]);
    expect(next).toEqual([6]);
  });

  it('leaves padding out on either side, and tells images apart that touch', () => {
    const grids = [
      { t: 1, h: 2, w: 2 },
      { t: 1, h: 2, w: 4 },
    ];
    const { axes, next } = index(
      { ids: [0, 0, 9, 9, 9, 5], mask: [0, 0, 1, 1, 1, 1], grids },
      { ids: [5, 5, 0, 0, 0, 0], mask: [1, 1, 0, 0, 0, 0], grids: [] },
    );
    expect(axes[0][2]).toEqual([0, 0, 0, 1, 2, 3]);
    expect(axes[0][1]).toEqual([0, 0, 0, 1, 1, 3]);
    expect(axes[1][0]).toEqual([0, 1, 0, 0, 0, 0]);
    expect(next).toEqual([4, 2]);
  });

  it('refuses image tokens and grids that do not match', () => {
    const grids = [{ t: 1, h: 2, w: 4 }];
    expect(() => index({ ids: [9, 1], grids })).toThrow('got 1 for image 1, expected 2');
    expect(() => index({ ids: [9, 9, 9], grids })).toThrow('more than 1 images need');
    expect(() => index({ ids: [1, 1], grids })).toThrow('0 images in the text and 1 grids');
  });
});
