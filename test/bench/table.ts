/** A bench row: ours beside the named rival in one run. `ratio` is ours / rival in the unit given; null where no rival ran. */
export interface BenchRow {
  name: string;
  ours: number;
  rival: number | null;
  ratio: number | null;
  unit: string;
}
