import type { Place } from '../../data/catalogue-builder.js';

/** A picture that stands in the table itself, as Hugging Face writes it. */
export interface EmbeddedPicture {
  bytes: Uint8Array;
}

/** What a row says of a product. Rows of one id are one product. */
export interface Listing {
  id: string;
  title?: string;
  description?: string;
  summary?: string;
  category: string[];
  attributes: Record<string, string[]>;
  /** Names, paths or URLs, and pictures in the table; the first is the main one. */
  images: (string | EmbeddedPicture)[];
  /** Ids of other rows that are variants of this product. */
  variants?: string[];
}

/** A product as its rows describe it, and the row that names it first. */
export interface PlacedListing extends Listing {
  place: Place;
}

/** Join what a further row says: new pictures and values, and fields that were empty. */
export function joinListing(known: PlacedListing, more: Listing): void {
  known.title ||= more.title;
  known.description ||= more.description;
  known.summary ||= more.summary;
  if (!known.category.length) known.category = more.category;
  for (const [name, values] of Object.entries(more.attributes)) {
    const all = new Set([...(Object.hasOwn(known.attributes, name) ? known.attributes[name] : []), ...values]);
    Object.defineProperty(known.attributes, name, {
      value: [...all],
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  known.images = distinct([...known.images, ...more.images]);
}

/** Without the names that come again. */
const distinct = (images: Listing['images']) =>
  images.filter((image, at) => typeof image !== 'string' || images.indexOf(image) === at);

/** Lists that many products share, such as categories and values of attributes, are kept once. */
const MAX_SHARED = 100_000;

/** The products of a table in the order of their first rows, each variant joined to the product that names it. */
export class Listings {
  readonly #byId = new Map<string, PlacedListing>();
  readonly #shared = new Map<string, string[]>();
  readonly #owners = new Map<string, string>();

  get(id: string): PlacedListing | undefined {
    return this.#byId.get(id);
  }

  add(listing: Listing, place: Place): void {
    const { id, variants = [], attributes, category, images } = listing;
    // A variant has no variants of its own, so that the way to its product is one step.
    for (const variant of variants)
      if (variant !== id && !this.#owners.has(variant) && !this.#owners.has(id)) this.#owners.set(variant, id);
    const known = this.#byId.get(id);
    if (known) {
      joinListing(known, listing);
      return;
    }
    const values = Object.entries(attributes).map(([name, list]) => [name, this.#once(list)] as const);
    this.#byId.set(id, {
      ...listing,
      attributes: Object.fromEntries(values),
      category: this.#once(category),
      images: distinct(images),
      place,
    });
  }

  /** After the last row: join the variants to their products, and say which product a row belongs to. */
  finish(): (id: string) => string {
    for (const [variant, id] of this.#owners) {
      const [listing, owner] = [this.#byId.get(variant), this.#byId.get(id)];
      if (!owner) this.#owners.delete(variant);
      else if (listing) joinListing(owner, { ...listing, title: undefined });
    }
    return (id) => this.#owners.get(id) ?? id;
  }

  /** All products after `finish`; each is forgotten as it is given, since a table may have millions. */
  *products(): Generator<PlacedListing> {
    for (const [id, listing] of this.#byId) {
      if (!this.#owners.has(id)) yield listing;
      this.#byId.delete(id);
    }
  }

  #once(list: string[]): string[] {
    const key = list.join('\0');
    const known = this.#shared.get(key);
    if (!known && this.#shared.size < MAX_SHARED) this.#shared.set(key, list);
    return known ?? list;
  }
}

/** The texts of a listing that may have a long and a short one; a short one alone is the description. */
export function longAndShort(
  long: string | undefined,
  short: string | undefined,
): Pick<Listing, 'description' | 'summary'> {
  if (!long || !short || long === short) return { description: long || short };
  return { description: long, summary: short };
}
