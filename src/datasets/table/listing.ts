import type { Place } from '../../data/catalogue-builder.js';

/** A picture that stands in the table itself, as Hugging Face writes it. */
export interface EmbeddedPicture {
  bytes: Uint8Array;
  name?: string;
}

/** What a row says of a product. Rows of one id are one product. */
export interface Listing {
  id: string;
  title?: string;
  description?: string;
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

/** The products of a table in the order of their first rows, each variant joined to the product that names it. */
export class Listings {
  readonly #byId = new Map<string, PlacedListing>();

  get(id: string): PlacedListing | undefined {
    return this.#byId.get(id);
  }

  add(listing: Listing, place: Place): void {
    const known = this.#byId.get(listing.id);
    if (known) joinListing(known, listing);
    else {
      this.#byId.set(listing.id, { ...listing, images: distinct(listing.images), place });
    }
  }

  /** All products, and for every id of a variant the product that it belongs to. */
  finish(): { products: PlacedListing[]; productOf: (id: string) => string } {
    const owners = new Map<string, string>();
    for (const { id, variants = [] } of this.#byId.values())
      for (const variant of variants) if (variant !== id && !owners.has(variant)) owners.set(variant, id);
    const products: PlacedListing[] = [];
    for (const listing of this.#byId.values()) {
      const owner = this.#byId.get(owners.get(listing.id) ?? '');
      if (owner) joinListing(owner, { ...listing, title: undefined });
      else products.push(listing);
    }
    return { products, productOf: (id) => owners.get(id) ?? id };
  }
}
