import type { MoonConfig } from './config.js';

/** A setting that differs; `null` if one side does not have it. */
export interface SettingDifference {
  /** `negatives.temporal.size` */
  path: string;
  from: unknown;
  to: unknown;
}

/** List all settings that differ between two configs, in the order of the first. Lists are compared as a unit. */
export function configDifference(from: MoonConfig, to: MoonConfig): SettingDifference[] {
  const [before, after] = [settingsOf(from), settingsOf(to)];
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((path) => {
    const [own, other] = [before.get(path), after.get(path)];
    if (JSON.stringify(own) === JSON.stringify(other)) return [];
    return [{ path, from: own ?? null, to: other ?? null }];
  });
}

/** `region.kind: saliency -> none; region.side: 64 -> left out` */
export function differenceText(difference: readonly SettingDifference[]): string {
  const shown = (value: unknown) =>
    value === null ? 'left out' : typeof value === 'string' ? value : JSON.stringify(value);
  return difference.map(({ path, from, to }) => `${path}: ${shown(from)} -> ${shown(to)}`).join('; ');
}

function settingsOf(value: unknown, path = ''): Map<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return new Map([[path, value]]);
  return new Map(
    Object.entries(value).flatMap(([name, inner]) => [...settingsOf(inner, path ? `${path}.${name}` : name)]),
  );
}
