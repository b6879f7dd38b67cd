import type { DataFolder } from '../../store/inside-folder.js';
import { imageEnding } from './image-endings.js';

/** The image files below a data folder, by path, name and id, whatever the case, the form of accents and the slashes. */
export interface ImageIndex {
  /** Paths of the images that a table means by a name or a path, the best ones alone: whose path ends like it, or else with its file name. */
  named(name: string): string[];
  /** Paths of the images of a product that names none: `ID.jpg`, `ID_1.jpg`, `ID/1.jpg`. Leading zeros of a number may be lost. */
  ofId(id: string): string[];
}

/** List the images below a folder, once. Paths are relative to it and sorted. */
export async function indexImages(folder: DataFolder): Promise<ImageIndex> {
  const byName = new Map<string, string | string[]>();
  let byId: ReturnType<typeof indexIds> | undefined;
  for await (const path of folder.walk()) {
    const key = normalName(path);
    if (imageEnding.test(key)) add(byName, lastPart(key), path);
  }
  return {
    named(name) {
      const wanted = normalName(name);
      const alike = [byName.get(lastPart(wanted)) ?? []].flat();
      const ends = alike.filter((path) => `/${normalName(path)}`.endsWith(`/${wanted}`));
      return ends.length ? ends : alike;
    },
    ofId(id) {
      byId ??= indexIds([...byName.values()].flat());
      const key = normalId(id);
      const [own, numbered, inFolder] = ['', '#', '/'].map((kind) => [byId!.get(kind + key) ?? []].flat());
      return own.length || numbered.length ? [...own, ...numbered] : inFolder;
    },
  };
}

function indexIds(paths: readonly string[]): Map<string, string | string[]> {
  const found = new Map<string, string | string[]>();
  for (const path of [...paths].sort()) {
    const parts = normalName(path).split('/');
    const stem = parts[parts.length - 1].replace(imageEnding, '');
    const numbered = /^(.+?)(?:[-_ .]+\d{1,3}|[-_ ]*\(\d{1,3}\))$/.exec(stem)?.[1];
    add(found, normalId(stem), path);
    if (numbered) add(found, `#${normalId(numbered)}`, path);
    if (parts.length > 1) add(found, `/${normalId(parts[parts.length - 2])}`, path);
  }
  return found;
}

/** Of a million names most come once: they are no lists. */
function add(map: Map<string, string | string[]>, key: string, path: string): void {
  const known = map.get(key);
  if (Array.isArray(known)) known.push(path);
  else map.set(key, known === undefined ? path : [known, path]);
}

const lastPart = (path: string) => path.slice(path.lastIndexOf('/') + 1);

/** A path without case, percent-encoding, query, drive, and `./` at its start; with composed accents and forward slashes. */
function normalName(name: string): string {
  const path = name.replace(/^https?:\/\/[^/]*/i, '').replace(/[?#].*$/, '');
  return decoded(path)
    .normalize('NFC')
    .toLowerCase()
    .replaceAll('\\', '/')
    .replace(/^(?:[a-z]:)?(?:\.{0,2}\/)+/, '');
}

const normalId = (id: string) =>
  id
    .normalize('NFC')
    .toLowerCase()
    .replace(/^0+(?=\d+$)/, '');

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
