import type { Figure } from '../figure.js';
import { escapeText } from '../page/escape.js';
import { countRange, neutral, palette, titled } from '../theme.js';

/** Rank of the right product for each query, from 1; ties may give halves. */
export interface RankSeries {
  name: string;
  ranks: number[];
}

/** Upper ends of the bins: the first bars add up to recall@1, @5, @10 ... */
const ends = [1, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000];

/** A histogram of the ranks of the right products, in percent of queries, with the chance level for `candidates` products. */
export function rankHistogram(series: RankSeries[], candidates: number, title = 'Rank of the right product'): Figure {
  const tops = [...ends.filter((end) => end < candidates), candidates];
  const from = (bin: number) => (bin ? tops[bin - 1] : 0);
  const labels = tops.map((top, bin) => (top - from(bin) <= 1 ? `${top}` : `${from(bin) + 1}-${top}`));
  const percentages = ({ ranks }: RankSeries) =>
    tops.map(
      (top, bin) => (100 * ranks.filter((rank) => rank > from(bin) && rank <= top).length) / Math.max(1, ranks.length),
    );
  return {
    data: [
      ...series.map((one, at) => ({
        type: 'bar' as const,
        name: escapeText(`${one.name} (n = ${one.ranks.length})`),
        x: labels,
        y: percentages(one),
        marker: { color: palette[at % palette.length] },
        hovertemplate: 'rank %{x}: %{y:.1f}%',
      })),
      {
        type: 'bar',
        name: 'chance',
        x: labels,
        y: tops.map((top, bin) => (100 * (top - from(bin))) / candidates),
        marker: { color: neutral, pattern: { shape: '/' } },
        hovertemplate: 'rank %{x}: %{y:.1f}%',
      },
    ],
    layout: {
      ...titled(
        title,
        `n = ${countRange(series.map(({ ranks }) => ranks.length))} queries among ${candidates} products; grey: chance`,
      ),
      height: 400,
      barmode: 'group',
      bargap: 0.25,
      xaxis: { title: { text: 'rank (1 is best)' }, type: 'category' },
      yaxis: { title: { text: 'queries (%)' }, rangemode: 'tozero' },
      showlegend: true,
    },
  };
}
