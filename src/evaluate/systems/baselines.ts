import { wrongOption } from '../../checks/error.js';
import type { Catalogue } from '../../data/types.js';
import { randomStream } from '../../engine/random.js';
import { rankByText } from '../../tasks/kinds/rank-by-words.js';
import type { Input } from '../../tasks/task.js';
import { holds } from '../controls.js';
import { type FrozenParts, openFrozenVectors } from './frozen-vectors.js';
import { trainLinearHeads } from './linear-heads.js';
import type { System, SystemProgress } from './system.js';
import { rankingSystem, type VectorSource, vectorSystem } from './vector-system.js';

const baselineNames = ['random', 'bm25', 'minilm', 'efficientnet-lite0', 'efficientnet-lite2', 'heads'] as const;

export type BaselineName = (typeof baselineNames)[number];

/** What a user would otherwise take: a system by name that needs no run. */
export interface Baseline {
  name: BaselineName;
  about: string;
  open(catalogue: Catalogue, progress?: SystemProgress): Promise<System>;
}

const knowsText = (input: Input) => holds(input, 'text');
const knowsImage = (input: Input) => holds(input, 'image');
const knowsAny = (input: Input) => knowsText(input) || knowsImage(input);

/** A frozen encoder that is downloaded by its name. */
interface FrozenBaseline {
  name: BaselineName;
  about: string;
  parts: FrozenParts;
  /** Whether it sees anything of an input. */
  knows(input: Input): boolean;
}

const frozenBaselines: readonly FrozenBaseline[] = [
  {
    name: 'minilm',
    about: 'titles, or other text, by the sentence encoder MiniLM',
    parts: { text: 'minilm' },
    knows: knowsText,
  },
  ...(['efficientnet-lite0', 'efficientnet-lite2'] as const).map((picture) => ({
    name: picture,
    about: `pictures by ${picture}, the mean over its positions`,
    parts: { picture },
    knows: knowsImage,
  })),
];

/** A frozen encoder by its name. @throws UserError for an unknown name */
export function frozenBaseline(name: string): FrozenBaseline {
  const found = frozenBaselines.find((each) => each.name === name);
  if (!found) throw wrongOption('model', name, frozenBaselines.map((each) => each.name).join(' | '));
  return found;
}

export const baselines: readonly Baseline[] = [
  {
    name: 'random',
    about: 'a random vector for each input',
    open: async () => vectorSystem('random', randomVectors(), () => true),
  },
  { name: 'bm25', about: 'words alone, by BM25', open: async () => rankingSystem('bm25', rankByText) },
  ...frozenBaselines.map(
    ({ name, about, parts, knows }): Baseline => ({
      name,
      about,
      async open(catalogue, progress) {
        return vectorSystem(name, await openFrozenVectors(parts, catalogue, progress), knows);
      },
    }),
  ),
  {
    name: 'heads',
    about: 'a linear head each on EfficientNet-lite0 and MiniLM, trained on the training pairs',
    async open(catalogue, progress) {
      const parts = { picture: 'efficientnet-lite0', text: 'minilm' };
      const vectors = await openFrozenVectors(parts, catalogue, progress);
      return vectorSystem('heads', await trainLinearHeads(vectors, catalogue, progress), knowsAny);
    },
  },
];

/** A baseline by name. @throws UserError for an unknown name */
export function baselineOf(name: string): Baseline {
  const found = baselines.find((each) => each.name === name);
  if (!found) throw wrongOption('baseline', name, baselineNames.join(' | '));
  return found;
}

const RANDOM_WIDTH = 64;

/** A new random vector for each input, whatever it is. */
function randomVectors(): VectorSource {
  const stream = randomStream(0, 'random-baseline');
  return {
    width: RANDOM_WIDTH,
    of: (inputs) => Float32Array.from({ length: inputs.length * RANDOM_WIDTH }, () => stream.normal()),
  };
}
