import { groupBy } from '../data/group-by.js';
import type { Product } from '../data/types.js';
import { type Subject, trainingProducts } from './subjects.js';
import { type Input, type Item, imageInput, slicesOf, type Task, type TaskSource, textInput } from './task.js';
import { type LabelField, withholdField } from './withhold.js';

/** A kind of label to classify: a level of the category, an attribute, or the product's own name. */
export interface LabelKind {
  /** Part of the task names: `coarse`, `colour`. */
  name: string;
  /** The same in the titles of tasks: `coarse category`; the name where left out. */
  title?: string;
  /** The field that contains the label. Withheld when the query shows the product's text. */
  field: LabelField;
  /** The true labels of a product. A product without labels is left out. */
  labelsOf(product: Product): string[];
}

/**
 * Content of the queries: the image alone; image and text with the label masked; or image and text with the label's words left in the other
 * fields.
 */
export type LabelForm = 'image' | 'masked' | 'unmasked';
/** The aspect of a label's text: that of a title, or that of its own field. */
export type LabelAspect = 'title' | 'own';

export interface LabelTaskOptions {
  form?: LabelForm;
  labelAspect?: LabelAspect;
  /** Products whose labels are the candidates; default all products of the catalogue. */
  among?: readonly Product[];
}

/** Added to the title of a task. */
const shownShort: Record<LabelForm, string> = {
  image: '',
  masked: ' and its text without the label',
  unmasked: ' and its text',
};

const shown: Record<LabelForm, string> = {
  image: 'image + crop',
  masked: 'image + crop + text, the label masked',
  unmasked: 'image + crop + text, the label dropped but not masked',
};

/**
 * A classification task: predict a product's label by the nearest embedded label text. No classifier is trained. The candidates are all
 * labels of the kind.
 * @returns undefined if there are fewer than two labels or no queries
 */
export function labelTask(
  name: string,
  kind: LabelKind,
  subjects: readonly Subject[],
  source: TaskSource,
  { form = 'image', labelAspect = 'title', among = source.catalogue.products }: LabelTaskOptions = {},
): Task | undefined {
  const labels = [...new Set(among.flatMap((product) => kind.labelsOf(product)))];
  const known = new Set(labels);
  const labelsOf = (product: Product) => kind.labelsOf(product).filter((label) => known.has(label));
  const asked = subjects.filter(({ product }) => labelsOf(product).length > 0);
  if (labels.length < 2 || !asked.length) return undefined;
  return {
    name: [name, ...(form === 'image' ? [] : [form]), ...(labelAspect === 'own' ? ['own'] : [])].join('.'),
    title: `photo${shownShort[form]} -> ${kind.title ?? kind.name}${labelAspect === 'own' ? ', labels read as that field' : ''}`,
    ...(form === 'image' && labelAspect === 'title' ? {} : { isVariant: true }),
    kind: 'classification',
    query: shown[form],
    gallery: `${labels.length} labels as text${labelAspect === 'own' ? ', with the aspect of their field' : ''}`,
    asks: asked.map((subject) => {
      const input = subjectInput(subject, kind.field, form, source);
      const { id, product } = subject;
      return { id, input, gold: labelsOf(product), product: product.id, slices: slicesOf(input, product) };
    }),
    items: labels.map((label): Item => ({ id: label, input: labelInput(label, kind, labelAspect) })),
    majority: mostFrequent(trainingProducts(source).flatMap(labelsOf)),
    leftOut: subjects.length > asked.length ? { 'no label': subjects.length - asked.length } : {},
  };
}

/**
 * Four variants of a classification task: the image alone, the image against labels with their own aspect, and image with text, masked and
 * unmasked.
 */
export function labelTasks(
  name: string,
  kind: LabelKind,
  subjects: readonly Subject[],
  source: TaskSource,
  among?: readonly Product[],
): Task[] {
  // The own aspect of a title is the title aspect.
  const own: LabelTaskOptions[] = kind.field === 'title' ? [] : [{ labelAspect: 'own' }];
  const rows: LabelTaskOptions[] = [{}, ...own, { form: 'masked' }, { form: 'unmasked' }];
  return rows.flatMap((row) => labelTask(name, kind, subjects, source, { ...row, among }) ?? []);
}

export function categoryLevel(name: string, level: number): LabelKind {
  return {
    name,
    title: `${name} category`,
    field: 'category',
    labelsOf: ({ category }) => category.slice(level, level + 1),
  };
}

export function attributeLabel(name: string): LabelKind {
  return { name, field: `attribute:${name}`, labelsOf: ({ attributes }) => attributes[name] ?? [] };
}

/** Restrict a kind to values that at least `min` products have. */
export function withoutRare(kind: LabelKind, products: readonly Product[], min = 2): LabelKind {
  const counts = groupBy(
    products.flatMap((product) => [...new Set(kind.labelsOf(product))]),
    (label) => label,
  );
  return {
    ...kind,
    labelsOf: (product) => kind.labelsOf(product).filter((label) => (counts.get(label)?.length ?? 0) >= min),
  };
}

/** Attribute names, most frequent first. */
export function attributeNames(products: readonly Product[]): string[] {
  const names = groupBy(
    products.flatMap(({ attributes }) => Object.keys(attributes)),
    (name) => name,
  );
  return [...names.entries()].sort(([, a], [, b]) => b.length - a.length).map(([name]) => name);
}

function subjectInput(
  { id, product, image }: Subject,
  field: LabelField,
  form: LabelForm,
  { aliases }: TaskSource,
): Input {
  if (form === 'image') return imageInput(id, image);
  const withheld = withholdField(product, field, { masked: form === 'masked', aliases });
  return { kind: 'product', product: { ...withheld, id, images: [image] } };
}

/** The input for a label: a product with only the label's field, or a text query. */
function labelInput(label: string, { name, field }: LabelKind, aspect: LabelAspect): Input {
  if (aspect === 'title') return textInput(label, label);
  const bare = { id: label, title: '', category: [], attributes: {}, images: [] };
  const own = field === 'category' ? { category: [label] } : { attributes: { [name]: [label] } };
  return { kind: 'product', product: { ...bare, ...own } };
}

/** The label that stands most often in a list. */
export function mostFrequent(labels: readonly string[]): string | undefined {
  const counts = [...groupBy(labels, (label) => label).entries()];
  return counts.sort(([, a], [, b]) => b.length - a.length)[0]?.[0];
}
