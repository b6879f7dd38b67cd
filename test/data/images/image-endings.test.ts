import { expect, test } from 'vitest';
import { imageEnding, supportedEnding } from '../../../src/data/images/image-endings.js';

test.each<[name: string, isImage: boolean, isSupported: boolean]>([
  ['a/b.JPG', true, true],
  ['a.jpeg', true, true],
  ['a.jfif', true, true],
  ['a.tif', true, true],
  ['https://x.y/a.webp?w=200&v=1', true, true],
  ['phone.heic', true, false],
  ['logo.svg', true, false],
  ['a.jpg.txt', false, false],
  ['jpg', false, false],
])('%s', (name, isImage, isSupported) => {
  expect([imageEnding.test(name), supportedEnding.test(name)]).toEqual([isImage, isSupported]);
});
