import { expect, test } from 'vitest';
import { countLeaks } from '../../src/engine/memory.js';
import * as tf from '../../src/engine/tf.js';
import { startTemperature, temperatureOf } from '../../src/losses/temperature.js';
import { checkTemperature, type TemperatureOption } from '../../src/losses/temperature-option.js';
import { numberOf } from './rows.js';

const learned: TemperatureOption = { kind: 'learned', start: 0.07, min: 0.02, max: 0.2 };
const at = (temperature: number) => tf.tensor1d([Math.log(temperature)]);

test('starts where it is told, and is held within its bounds', () => {
  const value = (temperature: number) => numberOf(temperatureOf(learned, at(temperature)));
  expect(numberOf(temperatureOf(learned, tf.tensor1d([startTemperature(learned)])))).toBeCloseTo(0.07, 6);
  expect([0.01, 0.1, 3].map(value)).toEqual([0.02, 0.1, 0.2].map(Math.fround).map((each) => expect.closeTo(each, 6)));
  expect(numberOf(temperatureOf({ kind: 'fixed', value: 0.05 }, at(3)))).toBeCloseTo(0.05, 6);
});

test.each([
  // What the loss wants of the temperature: less of it (a positive slope), or more.
  { temperature: 0.1, slope: 2, passes: true },
  { temperature: 0.1, slope: -2, passes: true },
  { temperature: 3, slope: 2, passes: true },
  { temperature: 3, slope: -2, passes: false },
  { temperature: 0.001, slope: -2, passes: true },
  { temperature: 0.001, slope: 2, passes: false },
])('outside its bounds only the way back is open: %o', ({ temperature, slope, passes }) => {
  const loss = (weight: tf.Tensor) => tf.mul(temperatureOf(learned, weight), slope) as tf.Scalar;
  const value = Math.min(0.2, Math.max(0.02, temperature));
  expect(tf.grad(loss)(at(temperature)).dataSync()[0]).toBeCloseTo(passes ? slope * value : 0, 6);
});

test('a wrong option is refused', () => {
  const refused = (option: unknown) => expect(() => checkTemperature(option as TemperatureOption));
  refused({ kind: 'fixed', value: 0 }).toThrow('temperature.value: got 0, expected a number from 0.0001 to 100.');
  refused({ ...learned, start: 0.5 }).toThrow('min <= start <= max');
  refused({ ...learned, min: 0 }).toThrow('temperature.min: got 0, expected a number from 0.0001 to 100.');
  refused({ kind: 'cold' }).toThrow('temperature.kind: got "cold", expected one of fixed | learned.');
  checkTemperature(learned);
});

test('leaves one number', async () => {
  const weight = at(0.07);
  const { leaked } = await countLeaks(() => {
    temperatureOf(learned, weight).dispose();
    tf.grad((x) => temperatureOf(learned, x))(weight).dispose();
  });
  expect(leaked).toBe(0);
});
