import { assert } from '../../checks/error.js';
import type { Figure } from '../figure.js';
import { escapeText } from '../page/escape.js';
import { colourBar, sequential, titled } from '../theme.js';

/** Cosines between the task vectors of models of one base, and how long each is. */
export interface TaskVectorSummary {
  models: readonly { name: string; length: number; ofBase: number }[];
  /** [model][model] */
  cosines: readonly (readonly number[])[];
  /** 0 where all models agree on every sign. */
  interference: number;
}

/** How much models of one base pull in different directions before they are merged. */
export function taskVectorMap({ models, cosines, interference }: TaskVectorSummary, title = 'Task vectors'): Figure {
  assert(cosines.length === models.length, 'a row of cosines for each model');
  const at = models.map((_, model) => model);
  const names = models.map(({ name, ofBase }) => `${escapeText(name)} (${(100 * ofBase).toFixed(1)}%)`);
  const side = Math.max(200, Math.min(700, models.length * 64));
  return {
    data: [
      {
        type: 'heatmap',
        z: cosines.map((row) => [...row]),
        text: cosines.map((row) => row.map((cosine) => cosine.toFixed(2))),
        texttemplate: models.length <= 12 ? '%{text}' : '',
        hovertemplate: '%{y} and %{x}: %{z:.3f}<extra></extra>',
        colorscale: sequential,
        zmin: -1,
        zmax: 1,
        xgap: 1,
        ygap: 1,
        colorbar: colourBar('cosine'),
      },
    ],
    layout: {
      ...titled(
        title,
        [`n = ${models.length} models, interference ${interference.toFixed(3)}`, 'in brackets: length by the base'],
        side + 360,
      ),
      height: side + 240,
      width: side + 360,
      xaxis: { tickvals: at, ticktext: names, tickangle: -45, showgrid: false, constrain: 'domain' },
      yaxis: {
        tickvals: at,
        ticktext: names,
        autorange: 'reversed',
        showgrid: false,
        scaleanchor: 'x',
        constrain: 'domain',
      },
    },
  };
}
