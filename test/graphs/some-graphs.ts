import { generateShop } from '../../src/datasets/shop/shop.js';
import { graphQuestions } from '../../src/graphs/catalogue.js';

export const graphShopOptions = {
  products: 6000,
  nearIdentical: 0,
  trainQueries: 4,
  evaluationQueries: 2,
  split: { train: 0.5, dev: 0.25, val: 0.25, test: 0 },
};

export const graphShop = generateShop(graphShopOptions);

/** Sixty questions of each kind for training, and as many for dev. */
export const someQuestions = graphQuestions(graphShop, { questions: { train: 60, dev: 60 } });
