import type { Catalogue } from '../data/types.js';
import { type GraphQuestion, graphCatalogue } from './catalogue.js';
import type { StyleName } from './draw.js';

/** Asks for the names of all nodes from top to bottom: what an icon looks like is learned sooner when all of a picture are named. */
export const NAMING = 'what is there';

/** The pictures of questions with the names of what they show, in place of the questions. */
export function namingCatalogue(asked: readonly GraphQuestion[], style: StyleName): Catalogue {
  const catalogue = graphCatalogue(asked, style);
  return {
    ...catalogue,
    products: catalogue.products.map((product, row) => {
      const { graph, layouts } = asked[row];
      const names = graph.nodes
        .map(({ name }, at) => ({ name, down: layouts[style][at][1] }))
        .sort((a, b) => a.down - b.down)
        .map(({ name }) => `${name};`);
      return { ...product, attributes: { [NAMING]: [names.join(' ')] } };
    }),
  };
}
