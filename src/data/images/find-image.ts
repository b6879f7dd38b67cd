import { join } from 'node:path';
import type { DataFolder, Found, NotFound } from '../../store/inside-folder.js';
import { type ImageIndex, indexImages } from './image-index.js';
import { cachedImage, isRemote } from './remote-image.js';

/** Where an image is, or why it is nowhere. */
export type FoundImage = Found & {
  /** As the data name it: a path or a URL. */
  name: string;
  /** Images that the name could mean as well, relative to the folder. */
  others?: string[];
};

/** Finds images below a data folder. All its files are listed once, at the first image that is not where its name says. */
export interface ImageFinder {
  /**
   * Find the first of these names that exists, or else an image anywhere below the folder that the first name means (`ImageIndex`). A name is a
   * path relative to the folder, or a URL whose image `data fetch` has downloaded or whose file is there.
   */
  find(names: string[]): Promise<FoundImage>;
  /** Paths of the images that belong to a product by its id (`ImageIndex.ofId`), relative to the folder. */
  ofId(id: string): Promise<string[]>;
}

export function imageFinder(folder: DataFolder): ImageFinder {
  let index: Promise<ImageIndex> | undefined;
  const images = () => {
    index ??= indexImages(folder);
    return index;
  };
  return {
    async find(names) {
      const [name] = names;
      let nowhere: NotFound = { problem: 'missing' };
      for (const each of isRemote(name) ? [cachedImage(name)] : names) {
        const found = await folder.find(each);
        if ('path' in found) return { name, ...found };
        if (nowhere.problem === 'missing') nowhere = found;
      }
      const [first, ...others] = (await images()).named(name);
      return first === undefined ? { name, ...nowhere } : { name, path: join(folder.root, first), others };
    },
    ofId: async (id) => (await images()).ofId(id),
  };
}
