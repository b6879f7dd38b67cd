/** WooCommerce writes the header in the language of the shop: German, French, Spanish and Italian names, as `layoutName` gives them. */
const names: Record<string, string> = Object.fromEntries(
  Object.entries({
    type: 'typ tipo',
    sku: 'artikelnummer ugs',
    name: 'nom nombre nome',
    short_description: 'kurzbeschreibung description_courte descripción_corta breve_descrizione',
    description: 'beschreibung descripción descrizione',
    categories: 'kategorien catégories categorías categorie',
    tags: 'schlagwörter étiquettes etiquetas tag',
    images: 'bilder imágenes immagine',
    parent: 'übergeordnetes_produkt superior genitore',
  }).flatMap(([english, others]) => others.split(' ').map((name) => [name, english])),
);

const attributeName =
  /^(?:attribut_(\d+)_name|nom_de_l.attribut_(\d+)|nombre_del_atributo_(\d+)|nome_attributo_(\d+))$/;
const attributeValues =
  /^(?:attribut_(\d+)_wert\(e\)|valeur\(s\)_de_l.attribut_(\d+)|valor\(es\)_del_atributo_(\d+)|valore_attributo_(\d+))$/;

/** The English name of a column of WooCommerce's export; another name stays. */
export function englishName(name: string): string {
  const number = (pattern: RegExp) => pattern.exec(name)?.slice(1).find(Boolean);
  const [named, valued] = [number(attributeName), number(attributeValues)];
  if (named) return `attribute_${named}_name`;
  return valued ? `attribute_${valued}_value(s)` : (names[name] ?? name);
}
