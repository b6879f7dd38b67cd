/** The two namings of published weights: the hub's, which we use everywhere, and the one of newer files and of Python's modules. */

/** `model.visual.*` and `model.language_model.*` -> `visual.*` and `model.*`; other names stay. */
export function canonicalName(name: string): string {
  return name.replace(/^model\.visual\./, 'visual.').replace(/^model\.language_model\./, 'model.');
}

/** `visual.*` and `model.*` -> `model.visual.*` and `model.language_model.*`; other names stay. */
export function moduleName(name: string): string {
  return name.replace(/^model\./, 'model.language_model.').replace(/^visual\./, 'model.visual.');
}
