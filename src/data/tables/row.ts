/** A row of a table. */
export interface Row {
  /** The 1-based line on which the row begins; in a Parquet file, which has no lines, the row number. */
  line: number;
  values: Record<string, unknown>;
}
