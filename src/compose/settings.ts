import type { ShopOptions } from '../datasets/shop/settings.js';
import type { QuizTraining } from './train-quiz.js';

/** Name of the study of composed networks, whose rows are not changes of a base. */
export const COMPOSE = 'compose';

/** The study of composed networks: its data, network and training. */
export interface CompositionSettings {
  shop: ShopOptions;
  /** Facts that are asked for, and those of them that an edge map shows. */
  facts: readonly string[];
  inEdges: readonly string[];
  /** Frozen encoder of pictures, and how many tokens along a side. */
  vision: { model: string; pool: number; width?: number };
  network: { width: number; depth: number; heads: number };
  /** Rank of every adapter. */
  rank: number;
  /** Learned tokens before and after the features of a modality in DAMC. */
  frame: number;
  /** The language model, from scratch; each model of a modality, on the frozen language model; and one of all modalities, on as many questions as these together. */
  words: QuizTraining;
  expert: QuizTraining;
  /** Questions about training products, about those of dev, by which factors are chosen, and about those of val. */
  questions: { train: number; dev: number; val: number };
  /** Values that a factor of an adapter may have. */
  lambdas: readonly number[];
}

export const compositionSettings: CompositionSettings = {
  shop: {
    products: 3000,
    imageSize: 64,
    views: 1,
    nearIdentical: 0.5,
    clutter: 0,
    watermark: 0,
    trainQueries: 100,
    evaluationQueries: 10,
    split: { train: 0.6, dev: 0.15, val: 0.2, test: 0.05 },
  },
  facts: ['category', 'colour', 'accent', 'pattern', 'material', 'size'],
  inEdges: ['category', 'pattern', 'size'],
  vision: { model: 'efficientnet-lite0', pool: 3 },
  network: { width: 128, depth: 3, heads: 4 },
  rank: 16,
  frame: 5,
  words: { steps: 600, batch: 64, rate: 2e-3 },
  expert: { steps: 400, batch: 64, rate: 2e-3 },
  questions: { train: 20000, dev: 300, val: 600 },
  lambdas: [0, 1 / 3, 2 / 3, 1],
};

/** Written before the study ran. */
export const compositionPrediction =
  'Joint training is ahead of DAMC, DAMC of NaiveMC, and NaiveMC of the best model of one modality. DAMC keeps what its models could do alone; NaiveMC loses a part, more with A and B apart than as products. Factors chosen on dev help NaiveMC more than DAMC.';
