import type { Aliases } from '../../tasks/aliases.js';

/** Synonyms of labels, collected by hand from the texts of the data set. */
export const aliases: Aliases = {
  purple: ['violet'],
  satsumas: ['mandarin', 'clementine', 'tangerine'],
  zucchini: ['courgette'],
  aubergine: ['eggplant'],
  'red beet': ['beetroot'],
  pepper: ['paprika', 'capsicum'],
  cantaloupe: ['muskmelon'],
  yoghurt: ['yogurt', 'yoghurts'],
  soyghurt: ['soygurt', 'soy yoghurt'],
  oatghurt: ['oatgurt', 'oat yoghurt'],
  'sour milk': ['filmjölk', 'soured milk'],
  'sour cream': ['soured cream', 'gräddfil', 'creme fraiche'],
  'soured milk': ['sour milk', 'sour cream'],
  organic: ['ecological', 'eco', 'krav'],
};
