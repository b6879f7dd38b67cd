/** The part of @lancedb/lancedb and apache-arrow that is used: neither is installed with moon-lab, so neither brings its types. */

export type Column = string;

/** A value of apache-arrow that is only passed on. */
type Opaque = object;

export interface LanceModule {
  lance: { connect(folder: string): Promise<LanceDatabase> };
  arrow: {
    Utf8: new () => Opaque;
    Float32: new () => Opaque;
    Field: new (name: string, type: Opaque, nullable: boolean) => Opaque;
    FixedSizeList: new (size: number, child: Opaque) => Opaque;
    Vector: new (data: Opaque[]) => Opaque;
    Table: new (columns: Record<string, Opaque>) => Opaque;
    makeData(of: Record<string, unknown>): Opaque;
    vectorFromArray(values: readonly (string | null)[], type: Opaque): Opaque;
  };
}

interface LanceDatabase {
  tableNames(): Promise<string[]>;
  openTable(name: string): Promise<LanceTable>;
  createTable(name: string, data: Opaque): Promise<LanceTable>;
  close(): void;
}

export interface LanceTable {
  schema(): Promise<{ fields: { name: string; type: { listSize?: number } }[] }>;
  mergeInsert(on: string): MergeInsert;
  query(): LanceQuery;
  vectorSearch(vector: Float32Array): LanceSearch;
  close(): void;
}

interface MergeInsert {
  whenMatchedUpdateAll(): MergeInsert;
  whenNotMatchedInsertAll(): MergeInsert;
  execute(data: Opaque): Promise<unknown>;
}

interface LanceQuery {
  where(condition: string): LanceQuery;
  toArray(): Promise<Record<string, unknown>[]>;
}

interface LanceSearch extends LanceQuery {
  distanceType(type: 'cosine'): LanceSearch;
  limit(count: number): LanceSearch;
}
