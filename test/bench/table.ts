/** A bench row: ours beside the named rival in one run. `ratio` is ours / rival in the unit given; null where no rival ran. */
export interface BenchRow {
  name: string;
  ours: number;
  rival: number | null;
  ratio: number | null;
  /** Smallest and largest ratio of a single interleaved block; absent where no rival ran. */
  spread?: [number, number];
  unit: string;
}

export interface BenchOptions {
  /** A Python that has the rival installed. */
  python?: string;
  /** Loads a module of the build, by its path in dist: for benches whose other processes run the build too. */
  built: <T>(file: string) => Promise<T>;
  /** `bench NAME:PART`: only this part of a bench that has parts. */
  part?: string;
}

/** What a bench file exports as `rows`. */
export type Bench = (options: BenchOptions) => Promise<BenchRow[]>;

/** Rows as aligned text. */
export function benchText(rows: readonly BenchRow[]): string {
  const number = (value: number | null) => (value === null ? '-' : value.toPrecision(4));
  const cells = [
    ['', 'ours', 'rival', 'ratio', 'blocks', 'unit'],
    ...rows.map(({ name, ours, rival, ratio, spread, unit }) => [
      name,
      number(ours),
      number(rival),
      ratio === null ? '-' : ratio.toFixed(2),
      spread ? `${spread[0].toFixed(2)}..${spread[1].toFixed(2)}` : '',
      unit,
    ]),
  ];
  const widths = cells[0].map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  return cells
    .map((row) => row.map((cell, at) => (at ? cell.padStart(widths[at]) : cell.padEnd(widths[0]))).join('  '))
    .join('\n');
}
