import { type RandomStream, randomStream } from '../../../engine/random.js';
import { type Facts, randomFacts } from '../facts.js';
import { type Background, shopBackdrops } from './backdrop.js';
import { boxOf, type Placement } from './draw.js';

/** The camera of an image. Independent of the product. */
export interface Camera {
  /** Radians. */
  turn: number;
  mirror: boolean;
  /** Horizontal scale. Below 1 the product looks rotated about its vertical axis. */
  narrow: number;
  zoom: number;
  /** -1 .. 1: position within the free space around the product. */
  x: number;
  y: number;
  brightness: number;
  /** Above 0: more red, less blue. */
  warmth: number;
}

/** Another product, seen behind the core product. */
export interface Distractor {
  facts: Facts;
  /** Fractions of the image. */
  x: number;
  y: number;
  /** Side of its drawing square in fractions of the image. */
  size: number;
  turn: number;
  mirror: boolean;
}

/** Everything in an image except the product. Each part has its own random stream. */
export interface View {
  camera: Camera;
  background: Background;
  clutter: Distractor[];
  watermark: { x: number; y: number; turn: number };
}

/** The nuisance factors of one image. Gallery and query images have different names, so their factors are independent. */
export function viewOf(seed: number, image: string, clutter: number): View {
  const stream = randomStream(seed, `watermark ${image}`);
  return {
    camera: cameraOf(seed, image),
    background: drawBackground(randomStream(seed, `background ${image}`)),
    clutter: drawClutter(randomStream(seed, `clutter ${image}`), clutter),
    watermark: { x: between(stream, 0.4, 0.6), y: between(stream, 0.3, 0.7), turn: between(stream, -0.6, 0.1) },
  };
}

export function cameraOf(seed: number, image: string): Camera {
  const stream = randomStream(seed, `camera ${image}`);
  return {
    turn: between(stream, -0.14, 0.14),
    mirror: stream.uniform() < 0.5,
    narrow: between(stream, 0.9, 1),
    zoom: between(stream, 0.96, 1.04),
    x: between(stream, -1, 1),
    y: between(stream, -1, 1),
    brightness: between(stream, 0.86, 1.08),
    warmth: between(stream, -0.06, 0.06),
  };
}

function drawBackground(stream: RandomStream): Background {
  return {
    kind: stream.pick(shopBackdrops),
    hues: [stream.uniform(), stream.uniform()],
    lightness: [between(stream, 0.55, 0.92), between(stream, 0.35, 0.8)],
    numbers: Array.from({ length: 8 }, () => stream.uniform()),
  };
}

/** Up to six other products. Their number and size grow with `strength`. */
function drawClutter(stream: RandomStream, strength: number): Distractor[] {
  const count = Math.round(strength * between(stream, 1.5, 6));
  return Array.from({ length: count }, () => ({
    facts: randomFacts(stream),
    x: stream.uniform(),
    y: stream.uniform(),
    size: between(stream, 0.2, 0.28 + 0.14 * strength),
    turn: between(stream, -0.5, 0.5),
    mirror: stream.uniform() < 0.5,
  }));
}

/** Side of the drawing square as a fraction of the image, by product size. Zoom is too small to confuse two sizes. */
export const fractionOf: Record<string, number> = { small: 0.48, medium: 0.64, large: 0.84 };

/** Place the product at the camera's position, completely inside the image. */
export function placementOf(facts: Facts, camera: Camera, imageSize: number): Placement {
  const { turn, mirror, narrow } = camera;
  const scale = (fractionOf[facts.size] * camera.zoom * imageSize) / 2;
  const middle = { x: imageSize / 2, y: imageSize / 2, scale, turn, mirror, narrow };
  const box = boxOf(facts, middle, imageSize, imageSize);
  const slide = (low: number, high: number, at: number) =>
    (0.5 - (low + high) / 2 + (at * 0.9 * (1 - (high - low))) / 2) * imageSize;
  return {
    ...middle,
    x: middle.x + slide(box.x1, box.x2, camera.x),
    y: middle.y + slide(box.y1, box.y2, camera.y),
  };
}

function between(stream: RandomStream, low: number, high: number): number {
  return low + (high - low) * stream.uniform();
}
