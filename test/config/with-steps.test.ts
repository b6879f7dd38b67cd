import { describe, expect, test } from 'vitest';
import { shortened, withSteps } from '../../src/config/with-steps.js';
import { grocery } from '../../src/datasets/grocery/recipes.js';

describe('a config with other steps', () => {
  test('warms up in a fifth of them at most', () => {
    expect(withSteps(grocery, 10).optimizer).toEqual({ ...grocery.optimizer, steps: 10, warmUp: 2 });
    expect(withSteps(grocery, 5000).optimizer).toEqual({ ...grocery.optimizer, steps: 5000 });
    expect(withSteps(grocery, 10).engine).toEqual(grocery.engine);
  });

  test('a shortened run compiles only what pays', () => {
    expect(shortened(grocery, 23).engine.compile).toBe(false);
    expect(shortened(grocery, 24).engine.compile).toBe(true);
    expect(shortened({ ...grocery, engine: { compile: false } }, 1000).engine.compile).toBe(false);
    expect(shortened(grocery, 23).optimizer).toEqual(withSteps(grocery, 23).optimizer);
  });
});
