import { type Json, reader, record, wrong } from './config-json.js';

/** The settings of a decoder's positions in a `config.json`, which stand in one of two places. */
export interface RopeSettings {
  theta(otherwise: number): number;
  /** How many frequencies follow time, row and column. */
  mropeSection(otherwise: [number, number, number]): [number, number, number];
}

/** @throws UserError for positions of another kind, such as scaled ones */
export function ropeSettings(json: Json, file: string, kinds: readonly string[]): RopeSettings {
  const rope = record(json.rope_parameters ?? json.rope_scaling ?? {}, file, 'rope_parameters');
  const kind = rope.rope_type ?? rope.type ?? 'default';
  if (!kinds.includes(kind as string)) {
    const known = kinds.map((each) => `'${each}'`).join(' or ');
    throw wrong(file, 'rope_type', kind, known, 'Scaled positions are not supported.');
  }
  return {
    theta: (otherwise) =>
      reader({ rope_theta: rope.rope_theta ?? json.rope_theta }, file).number('rope_theta', otherwise),
    mropeSection: (otherwise) => reader(rope, file).numbers('mrope_section', otherwise) as [number, number, number],
  };
}

/** @throws UserError for a section that does not add up to the rotated half of a head */
export function checkMropeSection(section: readonly number[], headWidth: number, file: string): void {
  const turned = section.reduce((sum, part) => sum + part, 0);
  if (section.length !== 3 || turned !== headWidth / 2)
    throw wrong(file, 'mrope_section', section, `three numbers that add up to ${headWidth / 2}`);
}
