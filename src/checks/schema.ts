import * as v from 'valibot';

/** A valibot schema with its types hidden: TypeScript 5.0.4, which compiles notebooks, cannot read all of valibot's types. */
export interface AnySchema {
  readonly kind: 'schema';
}

/**
 * The schema of a value in a config. `Given` is the type that the user writes; `Filled` is the type after defaults are filled in. The
 * schema is tied to both types: neither can have a field that the other lacks.
 */
export interface Schema<Given, Filled = Given> extends AnySchema {
  readonly '~bound'?: (given: Given, filled: Filled) => [Given, Filled];
}

/**
 * An option type with all defaults filled in, recursively. `Open` names fields that stay optional because no value stands for leaving them
 * out.
 */
export type Filled<Given, Open extends string = never> = Given extends readonly unknown[] | string | number | boolean
  ? Given
  : keyof Given & Open extends never
    ? Closed<Given, Open>
    : Closed<Given, Open> & Pick<Given, keyof Given & Open>;

type Closed<Given, Open extends string> = {
  [Name in keyof Given as Exclude<Name, Open>]-?: Filled<Exclude<Given[Name], undefined>, Open>;
};

/** Exactly one schema for every field of an option. */
type Fields<Given, Open extends string> = {
  readonly [Name in keyof Given]-?: Schema<
    Given[Name],
    Name extends Open ? Given[Name] : Filled<Exclude<Given[Name], undefined>, Open>
  >;
};

type OfKind<Given, Kind> = Given extends { kind: infer Own } ? (Kind extends Own ? Omit<Given, 'kind'> : never) : never;

/** Describes an option. An option without `default` or `leftOut` is required. */
interface OptionSpec<Value> {
  /** One line: what the option does. */
  help: string;
  default?: Value;
  /** What applies if the option is left out and no value stands for that. */
  leftOut?: string;
}

type OptionSchema<P, Value> = P extends { default: Value }
  ? Schema<Value | undefined, Value>
  : P extends { leftOut: string }
    ? Schema<Value | undefined>
    : Schema<Value>;

interface Range {
  min?: number;
  max?: number;
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A finite number, optionally with bounds. */
export function number<const P extends OptionSpec<number> & Range>(place: P): OptionSchema<P, number> {
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = place;
  const expected = `a number${bounds(place, 'of ')}`;
  const schema = v.pipe(v.number(expected), v.finite(expected), v.minValue(min, expected), v.maxValue(max, expected));
  return optionSchema(schema, `number${bounds(place)}`, place);
}

/** A number from 0 to 1. */
export function fraction<const P extends OptionSpec<number>>(place: P): OptionSchema<P, number> {
  return number({ ...place, min: 0, max: 1 });
}

export function integer<const P extends OptionSpec<number> & Range>(place: P): OptionSchema<P, number> {
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = place;
  const expected = `an integer${bounds(place, 'of ')}`;
  const schema = v.pipe(
    v.number(expected),
    v.safeInteger(expected),
    v.minValue(min, expected),
    v.maxValue(max, expected),
  );
  return optionSchema(schema, `integer${bounds(place)}`, place);
}

export function text<const P extends OptionSpec<string>>(place: P): OptionSchema<P, string> {
  return optionSchema(v.pipe(v.string('a text'), v.nonEmpty('a text')), 'text', place);
}

export function boolean<const P extends OptionSpec<boolean>>(place: P): OptionSchema<P, boolean> {
  return optionSchema(v.boolean('true or false'), 'true | false', place);
}

export function oneOf<const Name extends string, const P extends OptionSpec<Name>>(
  names: readonly Name[],
  place: P,
): OptionSchema<P, Name> {
  const choices = names.join(' | ');
  return optionSchema(v.picklist(names, `one of ${choices}`), choices, place);
}

type ListOf<P, Entry> = P extends { length: 2 }
  ? readonly [Entry, Entry]
  : P extends { length: 3 }
    ? readonly [Entry, Entry, Entry]
    : readonly Entry[];

/** A list whose entries match a schema, optionally of a fixed length or with at least one entry. */
export function list<Entry, const P extends OptionSpec<readonly Entry[]> & { length?: 2 | 3; min?: 1 }>(
  each: Schema<Entry>,
  place: P,
): OptionSchema<P, ListOf<P, Entry>> {
  const { length, min = length ?? 0 } = place;
  const expected = length ? `a list of ${length}` : min ? `a list of at least ${min}` : 'a list';
  const entry = each as AnySchema as v.GenericSchema;
  const schema = v.pipe(
    v.array(entry, expected),
    v.minLength(min, expected),
    v.maxLength(length ?? Number.POSITIVE_INFINITY, expected),
  );
  const { accepts } = v.getMetadata(entry);
  return optionSchema(schema, `list${length ? ` of ${length}` : ''}: ${accepts}`, place);
}

/** A record that gives a text for some of these names. */
export function table<const Name extends string, const P extends OptionSpec<Partial<Record<Name, string>>>>(
  names: readonly Name[],
  place: P,
): OptionSchema<P, Readonly<Partial<Record<Name, string>>>> {
  const accepts = `texts for some of ${names.join(' | ')}`;
  const entries = Object.fromEntries(
    names.map((name) => [name, v.optional(v.pipe(v.string('a text'), v.nonEmpty('a text')))]),
  );
  const schema = v.pipe(v.custom(isRecord, `a record with ${accepts}`), v.strictObject(entries));
  return optionSchema(schema, accepts, place);
}

/** A record with exactly these fields. */
export function record<Given, Open extends string = never>(
  fields: Fields<Given, Open>,
): Schema<Given, Filled<Given, Open>> {
  const expected = `a record of ${Object.keys(fields).join(', ')}`;
  return typed(v.pipe(v.custom(isRecord, expected), v.strictObject(entriesOf(fields))));
}

/** A tagged option: a record whose `kind` decides which other fields it has. `help` says what is chosen. */
export function tagged<Given extends { kind: string }, Open extends string = never>(
  help: string,
  kinds: { readonly [Kind in Given['kind']]: Fields<OfKind<Given, Kind>, Open> },
): Schema<Given, Filled<Given, Open>> {
  const options = Object.entries<object>(kinds).map(([kind, fields]) =>
    v.strictObject({ kind: v.literal(kind), ...entriesOf(fields) }),
  );
  const choices = Object.keys(kinds).join(' | ');
  return typed(
    v.pipe(
      v.custom(isRecord, `a record with a kind, one of ${choices}`),
      v.variant('kind', options, `one of ${choices}`),
      v.description(help),
    ),
  );
}

/**
 * One of two records: the first for a value with this field, else the second.
 * @param otherwise what applies without the field, for the table of options
 */
export function eitherRecord<With, Without, Open extends string = never>(
  { field, otherwise }: { field: keyof With & string; otherwise: string },
  withField: Fields<With, Open>,
  without: Fields<Without, Open>,
): Schema<With | Without, Filled<With, Open> | Filled<Without, Open>> {
  const records = { has: v.strictObject(entriesOf(withField)), lacks: v.strictObject(entriesOf(without)) };
  const choice = v.lazy((value) => (isRecord(value) && field in value ? records.has : records.lacks));
  const names = (fields: object) => Object.keys(fields).join(', ');
  const guard = v.custom(isRecord, `a record of ${names(withField)}, or of ${names(without)}`);
  return typed(v.pipe(guard, Object.assign(choice, { either: { field, otherwise, ...records } })));
}

/** Make a schema optional, with a default. */
export function orElse<Given, Full>(schema: Schema<Given, Full>, value: Given): Schema<Given | undefined, Full> {
  return typed(v.optional(schema as AnySchema as v.GenericSchema, value));
}

const entriesOf = (fields: object) => fields as Record<string, v.GenericSchema>;

/** ` from 1 to 8`, ` of at least 1`, or nothing. */
function bounds({ min, max }: Range, of = ''): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`;
  if (min !== undefined) return ` ${of}at least ${min}`;
  return max === undefined ? '' : ` ${of}at most ${max}`;
}

function optionSchema<P extends OptionSpec<unknown>, Value>(
  schema: v.GenericSchema,
  accepts: string,
  place: P,
): OptionSchema<P, Value> {
  const { help, default: value, leftOut } = place;
  const described = v.pipe(schema, v.description(help), v.metadata({ accepts, leftOut }));
  if (value === undefined && leftOut === undefined) return described as unknown as OptionSchema<P, Value>;
  return v.optional(described, value) as unknown as OptionSchema<P, Value>;
}

/** Give a schema its types where the compiler cannot infer them. */
function typed<Given, Full>(schema: v.GenericSchema): Schema<Given, Full> {
  return schema as Schema<Given, Full>;
}
