import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/checks/error.js';
import type { Reading } from '../../src/data/catalogue-builder.js';
import { csvRecords } from '../../src/data/tables/csv.js';
import { textFormat } from '../../src/data/tables/text-format.js';
import { readData } from '../../src/datasets/open.js';
import { dataFolder } from '../data/data-folder.js';

const styles = 'id,gender,masterCategory,subCategory,articleType,baseColour,season,year,usage,productDisplayName\n';
const nasty = [
  '"',
  ',',
  '\n',
  '\r\n',
  '\r',
  '\0',
  '\ufeff',
  ';',
  '\t',
  '__proto__',
  '../../etc/passwd',
  ',,',
  '!!!',
  ':',
  '杯',
];
const text = fc.array(fc.oneof(fc.constantFrom(...nasty), fc.string({ maxLength: 6 })), { maxLength: 40 });
const bytes = fc
  .array(
    fc.oneof(
      text.map((parts) => Buffer.from(parts.join(''))),
      fc.uint8Array({ maxLength: 6 }).map(Buffer.from),
    ),
  )
  .map(Buffer.concat);

/** Whatever the bytes: a catalogue, or one sentence for the user. */
async function read(path: string, adapter?: string): Promise<Reading | undefined> {
  try {
    return await readData(path, { adapter });
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

/** Lines that became a product or a pair, or that an issue names. */
function accountedLines({ catalogue, productPlaces }: Reading): Set<number | undefined> {
  const queries = catalogue.pairs.map(({ query }) => Number(query.id.split('/').at(-1)));
  return new Set([
    ...[...productPlaces.values()].map(({ line }) => line),
    ...catalogue.issues.map(({ line }) => line),
    ...queries,
  ]);
}

describe('any bytes', () => {
  test.each([
    ['any.csv', 'id,title,image,category,__proto__,split\n'],
    ['any.csv', ''],
    ['any.jsonl', ''],
    ['styles.csv', styles],
    ['any.parquet', 'PAR1'],
  ])('as %s after %j', async (name, head) => {
    const folder = dataFolder({ 'images/1.jpg': '' });
    await fc.assert(
      fc.asyncProperty(bytes, async (tail) => {
        writeFileSync(join(folder, name), Buffer.concat([Buffer.from(head), tail]));
        JSON.stringify(await read(folder));
      }),
      { numRuns: 200 },
    );
  });

  test('any JSON value in any field', async () => {
    const folder = dataFolder({});
    const value = fc.oneof(fc.string(), fc.jsonValue());
    const fields = [
      'id',
      'doc_title',
      'doc_image',
      'doc_cate1_name',
      'doc_attributes',
      'query',
      'query_image',
      'purchase_id',
    ];
    const row = fc.record(Object.fromEntries(fields.map((field) => [field, value])), { requiredKeys: [] });
    await fc.assert(
      fc.asyncProperty(fc.array(row), fc.constantFrom('mbe', 'table'), async (rows, adapter) => {
        writeFileSync(join(folder, 'any.jsonl'), rows.map((each) => JSON.stringify(each)).join('\n'));
        JSON.stringify(await read(folder, adapter));
      }),
      { numRuns: 300 },
    );
  });

  test('a Parquet file with bytes changed or its end cut off', async () => {
    const good = readFileSync('test/fixtures/data/mbe-snappy.parquet');
    const file = join(dataFolder({}), 'any.parquet');
    const change = fc.tuple(fc.nat(good.length - 1), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 4 }), fc.option(fc.nat(good.length)), async (changes, end) => {
        const bad = Buffer.from(good);
        for (const [at, byte] of changes) bad[at] = byte;
        writeFileSync(file, bad.subarray(0, end ?? undefined));
        JSON.stringify(await read(file, 'table'));
      }),
      // The example promises its schema more children than it has.
      { numRuns: 500, examples: [[[[3658, 30]], null]] },
    );
  });
});

describe('nothing is lost in silence', () => {
  test('every record of a CSV is a product or an issue', async () => {
    const folder = dataFolder({});
    const file = join(folder, 'any.csv');
    await fc.assert(
      fc.asyncProperty(bytes, async (tail) => {
        writeFileSync(file, Buffer.concat([Buffer.from('id,title\n'), tail]));
        const reading = await read(folder, 'table');
        const lines: number[] = [];
        const format = await textFormat(file);
        for await (const { line } of csvRecords(file, () => {}, '', format)) if (line > 1) lines.push(line);
        const accounted = accountedLines(reading!);
        expect(lines.filter((line) => !accounted.has(line))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test('every line of a JSONL is a product, a pair or an issue', async () => {
    const folder = dataFolder({});
    const value = fc.option(fc.constantFrom('a', 'b', '', 3, null, ['x'], { y: 1 }), { nil: undefined });
    const row = fc
      .record({ id: value, doc_title: value, query: value, purchase_id: value })
      .map((each) => JSON.stringify(each));
    const line = fc.oneof({ weight: 5, arbitrary: row }, fc.constantFrom('{', '[]', 'null', '3', '{"id":1}'));
    await fc.assert(
      fc.asyncProperty(fc.array(line, { minLength: 1 }), fc.constantFrom('mbe', 'table'), async (lines, adapter) => {
        writeFileSync(join(folder, 'test.jsonl'), [...lines, '{"id":"last","doc_title":"x"}'].join('\n'));
        const reading = await read(folder, adapter);
        const accounted = accountedLines(reading!);
        const { pairs, issues } = reading!.catalogue;
        // A row that names a known product again puts it into a purchase: its trace is that purchase's pair, or that there is none.
        const purchase = (line: number | undefined) => String(JSON.parse(lines[(line ?? 0) - 1] ?? '{}').purchase_id);
        const joins = (text: string) => {
          const { id, purchase_id: key } = JSON.parse(text) as { id?: unknown; purchase_id?: unknown };
          const paired = pairs.filter(({ product }) => product === String(id));
          const traces = [
            ...paired.map(({ query }) => Number(query.id.split('/').at(-1))),
            ...issues.flatMap(({ kind, line }) => (kind === 'half-purchase' ? [line] : [])),
          ];
          return key !== undefined && traces.some((line) => purchase(line) === String(key));
        };
        const lost = lines.filter((text, index) => !accounted.has(index + 1) && !(adapter === 'mbe' && joins(text)));
        expect(lost).toEqual([]);
      }),
      {
        numRuns: 300,
        examples: [
          [
            [
              '{"id":"a","doc_title":"a"}',
              '{"id":"a","doc_title":"a","purchase_id":3}',
              '{"query":"a","purchase_id":3}',
            ],
            'mbe',
          ],
        ],
      },
    );
  });
});

describe('what once broke a parser', () => {
  const broken = 'test/fixtures/data/broken';
  test.each(readdirSync(broken))('%s', async (name) => {
    const rejections: unknown[] = [];
    const keep = (reason: unknown) => rejections.push(reason);
    process.on('unhandledRejection', keep);
    const reading = await read(join(broken, name), 'table');
    await new Promise((resolve) => setTimeout(resolve, 50));
    process.off('unhandledRejection', keep);
    expect(rejections).toEqual([]);
    expect(reading?.catalogue.issues.length).toBeGreaterThan(0);
  });
});
