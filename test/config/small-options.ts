/** What a config of one step of the smallest network says: so that a test can make a whole run. */
export const smallOptions = {
  network: { size: 'nano', vocabulary: 300, stem: { kind: 'patch' } },
  imageSize: 32,
  region: { kind: 'centre' },
  sampler: { products: 4 },
  engine: { compile: false },
  optimizer: { steps: 1, warmUpSteps: 0 },
} as const;
