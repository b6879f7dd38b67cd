import * as v from 'valibot';

/** A schema of valibot. Its own types stay inside: the compiler of notebooks, TypeScript 5.0.4, cannot read all of valibot's. */
export interface AnySchema {
  readonly kind: 'schema';
}

/**
 * What may stand at a place of a config: `Given` as the user writes it (undefined where it may be left out), `Filled` with the default
 * of what is left out. It is bound to both types: neither can have a field more than the other.
 */
export interface Schema<Given, Filled = Given> extends AnySchema {
  readonly '~bound'?: (given: Given, filled: Filled) => [Given, Filled];
}

/** An option with its defaults filled in, to the bottom. `Open` names fields that stay left out, since no value stands for them. */
export type Filled<Given, Open extends string = never> = Given extends readonly unknown[] | string | number | boolean
  ? Given
  : keyof Given & Open extends never
    ? Closed<Given, Open>
    : Closed<Given, Open> & Pick<Given, keyof Given & Open>;

type Closed<Given, Open extends string> = {
  [Name in keyof Given as Exclude<Name, Open>]-?: Filled<Exclude<Given[Name], undefined>, Open>;
};

/** A schema for every field of an option, no more and no less. */
type Fields<Given, Open extends string> = {
  readonly [Name in keyof Given]-?: Schema<
    Given[Name],
    Name extends Open ? Given[Name] : Filled<Exclude<Given[Name], undefined>, Open>
  >;
};

type OfKind<Given, Kind> = Given extends { kind: infer Own } ? (Kind extends Own ? Omit<Given, 'kind'> : never) : never;

/** Left out without a default, a value is refused. */
interface Place<Value> {
  /** One line: what it is and what it does. */
  help: string;
  default?: Value;
  /** What holds where it is left out, if no value stands for that. */
  leftOut?: string;
}

type Placed<P, Value> = P extends { default: Value }
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

/** A finite number within bounds. */
export function number<const P extends Place<number> & Range>(place: P): Placed<P, number> {
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = place;
  const expected = `a number${bounds(place, 'of ')}`;
  const schema = v.pipe(v.number(expected), v.finite(expected), v.minValue(min, expected), v.maxValue(max, expected));
  return placed(schema, `number${bounds(place)}`, place);
}

/** A number from 0 to 1. */
export function fraction<const P extends Place<number>>(place: P): Placed<P, number> {
  return number({ ...place, min: 0, max: 1 });
}

export function integer<const P extends Place<number> & Range>(place: P): Placed<P, number> {
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = place;
  const expected = `a whole number${bounds(place, 'of ')}`;
  const schema = v.pipe(
    v.number(expected),
    v.safeInteger(expected),
    v.minValue(min, expected),
    v.maxValue(max, expected),
  );
  return placed(schema, `integer${bounds(place)}`, place);
}

export function text<const P extends Place<string>>(place: P): Placed<P, string> {
  return placed(v.pipe(v.string('a text'), v.nonEmpty('a text')), 'text', place);
}

export function yesOrNo<const P extends Place<boolean>>(place: P): Placed<P, boolean> {
  return placed(v.boolean('true or false'), 'true | false', place);
}

export function oneOf<const Name extends string, const P extends Place<Name>>(
  names: readonly Name[],
  place: P,
): Placed<P, Name> {
  const choices = names.join(' | ');
  return placed(v.picklist(names, `one of ${choices}`), choices, place);
}

type ListOf<P, Entry> = P extends { length: 2 }
  ? readonly [Entry, Entry]
  : P extends { length: 3 }
    ? readonly [Entry, Entry, Entry]
    : readonly Entry[];

/** A list whose entries pass a schema; of a certain length, or of at least one entry, where that is said. */
export function list<Entry, const P extends Place<readonly Entry[]> & { length?: 2 | 3; min?: 1 }>(
  each: Schema<Entry>,
  place: P,
): Placed<P, ListOf<P, Entry>> {
  const { length, min = length ?? 0 } = place;
  const expected = length ? `a list of ${length}` : min ? `a list of at least ${min}` : 'a list';
  const entry = each as AnySchema as v.GenericSchema;
  const schema = v.pipe(
    v.array(entry, expected),
    v.minLength(min, expected),
    v.maxLength(length ?? Number.POSITIVE_INFINITY, expected),
  );
  const { accepts } = v.getMetadata(entry);
  return placed(schema, `list${length ? ` of ${length}` : ''}: ${accepts}`, place);
}

/** A text for some of these names. */
export function table<const Name extends string, const P extends Place<Partial<Record<Name, string>>>>(
  names: readonly Name[],
  place: P,
): Placed<P, Readonly<Partial<Record<Name, string>>>> {
  const accepts = `texts for some of ${names.join(' | ')}`;
  const entries = Object.fromEntries(
    names.map((name) => [name, v.optional(v.pipe(v.string('a text'), v.nonEmpty('a text')))]),
  );
  const schema = v.pipe(v.custom(isRecord, `a record with ${accepts}`), v.strictObject(entries));
  return placed(schema, accepts, place);
}

/** A record with these fields. */
export function record<Given, Open extends string = never>(
  fields: Fields<Given, Open>,
): Schema<Given, Filled<Given, Open>> {
  const expected = `a record of ${Object.keys(fields).join(', ')}`;
  return bound(v.pipe(v.custom(isRecord, expected), v.strictObject(entriesOf(fields))));
}

/** A tagged option: the fields of each kind. `help` says what is chosen. */
export function tagged<Given extends { kind: string }, Open extends string = never>(
  help: string,
  kinds: { readonly [Kind in Given['kind']]: Fields<OfKind<Given, Kind>, Open> },
): Schema<Given, Filled<Given, Open>> {
  const options = Object.entries<object>(kinds).map(([kind, fields]) =>
    v.strictObject({ kind: v.literal(kind), ...entriesOf(fields) }),
  );
  const choices = Object.keys(kinds).join(' | ');
  return bound(
    v.pipe(
      v.custom(isRecord, `a record with a kind, one of ${choices}`),
      v.variant('kind', options, `one of ${choices}`),
      v.description(help),
    ),
  );
}

/** A schema whose value may be left out. */
export function orElse<Given, Full>(schema: Schema<Given, Full>, value: Given): Schema<Given | undefined, Full> {
  return bound(v.optional(schema as AnySchema as v.GenericSchema, value));
}

const entriesOf = (fields: object) => fields as Record<string, v.GenericSchema>;

/** ` from 1 to 8`, ` of at least 1`, or nothing. */
function bounds({ min, max }: Range, of = ''): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`;
  if (min !== undefined) return ` ${of}at least ${min}`;
  return max === undefined ? '' : ` ${of}at most ${max}`;
}

function placed<P extends Place<unknown>, Value>(schema: v.GenericSchema, accepts: string, place: P): Placed<P, Value> {
  const { help, default: value, leftOut } = place;
  const described = v.pipe(schema, v.description(help), v.metadata({ accepts, leftOut }));
  if (value === undefined && leftOut === undefined) return described as unknown as Placed<P, Value>;
  return v.optional(described, value) as unknown as Placed<P, Value>;
}

/** The types of a schema that was put together from parts whose types are not known to the compiler. */
function bound<Given, Full>(schema: v.GenericSchema): Schema<Given, Full> {
  return schema as Schema<Given, Full>;
}
