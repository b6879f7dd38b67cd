import type { Box, Raster } from '../../../data/types.js';
import type { RandomStream } from '../../../engine/random.js';
import type { Facts } from '../facts.js';
import { drawBackdrop } from './backdrop.js';
import { boxOf, drawProduct, type Placement } from './draw.js';
import { drawShadow, relight, type SceneStyle } from './scene.js';
import { cameraOf, fractionOf, type View } from './view.js';

/** A product in a picture of several. */
export interface PlacedProduct {
  facts: Facts;
  placement: Placement;
}

/** Side of a product's drawing square by an equal part of the picture, before its own size: neighbours overlap. */
const CROWDED = 2.2;

/**
 * Place products side by side in a random order, each completely inside the picture; larger ones and those drawn later hide a part of their neighbours.
 * @returns from back to front
 */
export function placeGroup(
  facts: readonly Facts[],
  image: string,
  imageSize: number,
  stream: RandomStream,
): PlacedProduct[] {
  const columns = stream.shuffle([...facts.keys()]);
  const placed = facts.map((own, at): PlacedProduct => {
    const { turn, mirror, narrow, zoom } = cameraOf(0, `${image} ${at}`);
    const scale = (Math.min(1, CROWDED / facts.length) * fractionOf[own.size] * zoom * imageSize) / 2;
    const x = ((columns[at] + 0.5 + 0.3 * (stream.uniform() - 0.5)) / facts.length) * imageSize;
    const y = (0.5 + 0.3 * (stream.uniform() - 0.5)) * imageSize;
    return { facts: own, placement: inside(own, { x, y, scale, turn, mirror, narrow }, imageSize) };
  });
  return stream.shuffle(placed);
}

/** The placement, moved so that the product does not leave the picture. */
function inside(facts: Facts, placement: Placement, imageSize: number): Placement {
  const box = boxOf(facts, placement, imageSize, imageSize);
  const shift = (low: number, high: number) => imageSize * (Math.max(0, -low) - Math.max(0, high - 1));
  return { ...placement, x: placement.x + shift(box.x1, box.x2), y: placement.y + shift(box.y1, box.y2) };
}

/** Draw the products over a background, from back to front, under one light. */
export function drawGroup(
  products: readonly PlacedProduct[],
  view: Pick<View, 'background' | 'camera'>,
  style: SceneStyle,
): Raster {
  const raster = blank(style.imageSize, 0);
  drawBackdrop(raster, view.background, style.background);
  for (const { facts, placement } of products) {
    drawShadow(raster, placement.x, placement.y + 0.8 * placement.scale, placement.scale);
    drawProduct(raster, facts, placement);
  }
  relight(raster, view.camera);
  return raster;
}

/** Where a product is, and how much of it is not hidden by those in front of it, 0 to 1. */
export interface ProductPlace {
  box: Box;
  visible: number;
}

/** @param products from back to front */
export function placesOf(products: readonly PlacedProduct[], imageSize: number): ProductPlace[] {
  const covers = products.map((product) => coveredBy(product, imageSize));
  return products.map(({ facts, placement }, at) => {
    let [all, hidden] = [0, 0];
    for (let pixel = 0; pixel < covers[at].length; pixel++) {
      if (!covers[at][pixel]) continue;
      all++;
      if (covers.slice(at + 1).some((other) => other[pixel])) hidden++;
    }
    return { box: boxOf(facts, placement, imageSize, imageSize), visible: all ? 1 - hidden / all : 0 };
  });
}

/** 1 at the pixels that a product changes, whether of black or of white. */
function coveredBy({ facts, placement }: PlacedProduct, imageSize: number): Uint8Array {
  const covered = new Uint8Array(imageSize * imageSize);
  for (const ground of [0, 255]) {
    const { data } = drawn(blank(imageSize, ground), facts, placement);
    for (let at = 0; at < data.length; at++) if (data[at] !== ground) covered[Math.floor(at / 3)] = 1;
  }
  return covered;
}

function drawn(raster: Raster, facts: Facts, placement: Placement): Raster {
  drawProduct(raster, facts, placement);
  return raster;
}

const blank = (side: number, value: number): Raster => ({
  width: side,
  height: side,
  data: new Uint8Array(side * side * 3).fill(value),
});
