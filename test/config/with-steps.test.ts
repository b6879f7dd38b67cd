import { describe, expect, test } from 'vitest';
import { checkConfig } from '../../src/config/check-config.js';
import { shortened, withSteps } from '../../src/config/with-steps.js';
import { grocery } from '../../src/datasets/grocery/recipes.js';

describe('a config with other steps', () => {
  test('differs in nothing else', () => {
    expect(withSteps(grocery, 10)).toEqual({ ...grocery, optimizer: { ...grocery.optimizer, steps: 10 } });
  });

  test('a shortened run compiles only what pays', () => {
    expect(shortened(grocery, 23).engine.compile).toBe(false);
    expect(shortened(grocery, 24).engine.compile).toBe(true);
    expect(shortened({ ...grocery, engine: { compile: false } }, 1000).engine.compile).toBe(false);
    const half = { ...grocery, engine: { compile: true, precision: 'bfloat16' as const } };
    expect(shortened(half, 24).engine).toEqual(half.engine);
    expect(() => checkConfig(shortened(half, 23))).not.toThrow();
    expect(shortened(grocery, 23).optimizer).toEqual(withSteps(grocery, 23).optimizer);
  });
});
