/** A column's name without case, accents, spaces, punctuation and what stands in brackets: `Désignation (FR)` -> `designation`. */
export function plainName(name: string): string {
  return name
    .replace(/\(.*?\)/g, '')
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .replace(/[^\p{L}\p{N}]/gu, '');
}

/** A pattern of whole names from words divided by spaces and lines. */
const oneOf = (words: string) => new RegExp(`^(?:${words.trim().split(/\s+/).join('|')})$`);

/**
 * Usual names of columns, compared as `plainName`, in English, German, French, Spanish and Chinese, and the most usual ones in further languages.
 * The first matching column is used.
 */
export const usualNames = {
  id: oneOf(`
    (product|item|article|doc|parent)?(id|code|number|uid) sku asin parentasin uid gtin ean
    artikel(nummer|nr|id) art(nr|ikelnr) produkt(nummer|nr|id) bestell(nummer|nr)
    uniqid itemno artikelcode codice(articolo|prodotto)? indeks kod артикул код
    상품(번호|코드) 商品番号 ref reference(produit)? referencia(producto)? (id|code|codigo)(produit|article|producto|articulo) codigo
    (商品|产品|货品)?(id|编号|编码|货号|代码)`),
  title: oneOf(`
    (product|item|doc|prod|article)?(title|name) productdisplayname
    titel bezeichnung (artikel|produkt)?(name|titel|bezeichnung)
    titre nom(produit|duproduit|article|delarticle)? libelle designation intitule
    titulo nombre(producto|delproducto|articulo|delarticulo)? denominacion
    nome(prodotto)? (product)?naam omschrijving nazwa(produktu)? наименование название 상품명 제품명 商品名稱 prodname
    (商品|产品|宝贝)?(标题|名称|名) 品名`),
  description: oneOf(`
    (product|item|detail)?(description|desc) body(html)?
    (artikel|produkt)?beschreibung descriptif descripcion(producto|delproducto)? (商品|产品)?(描述|详情|简介|说明)`),
  summary: oneOf(
    `summary abstract (short|brief)(description|desc|text) kurz(beschreibung|text) resume descriptioncourte resumen descripcioncorta`,
  ),
  query: oneOf(
    `query querytext search searchterm keyword such(begriff|anfrage) requete recherche consulta busqueda 查询 搜索词`,
  ),
  queryImage: oneOf('queryimage queryimg imagequery'),
  split: oneOf('split subset partition'),
};

/** Values that say nothing of what a product is, whatever their column is called: links, mail addresses, barcodes. */
export const saysNothing = /^(https?:\/\/\S+|www\.\S+|\S+@\S+\.\w+|\d{12,14})$/i;

export const usualLists = {
  category: oneOf(`
    (product)?(category|categories|cat|cate|taxonomy|kategorie|categorie|categoria)(path|name|pfad)? (category|cat|cate|level|kategorie|categorie|categoria)\\d+(name)?
    (master|sub|main)category department articletype producttype
    warengruppe produktgruppe rubrik kategorien rayon famille categories familia seccion categorias
    (product)?group(name)? kategoria категория 카테고리 カテゴリー? 類別
    (商品|产品|宝贝)?(类目|分类|类别|品类)`),
  image: oneOf(`
    (product|main|item|doc|primary|additional|other)?(image|img|picture|photo|pic)s?((path|file|name|filename|url|src|link|href)s?)?\\d* filename
    (produkt|artikel|haupt)?(bild|bilder|foto|fotos)(urls?|datei(en)?|namen?|pfade?|links?)?\\d*
    (image|photo|visuel)s?(produit|principale)? (imagen|imagenes|foto|fotos)(urls?|producto|principal)?
    urldesimages? immagin[ei] afbeelding(en)? zdjeci[ea] изображение фото картинка 이미지 사진 画像
    (商品|产品|宝贝)?(图片|主图|照片|图像)(链接|地址|路径|文件|名)?`),
  /** What says nothing of what a product is. */
  ignored: oneOf(`
    .*(price|preis|prix|precio|价格|售价|msrp|rrp|cost|kosten|currency|wahrung|devise|moneda|tax|mwst|tva|iva) (regular|sale)?price.*
    .*(stock|inventory|lager|bestand|existencias|库存|availability|verfugbarkeit|disponibilite|disponibilidad).* .*(qty|quantity|menge|quantite|cantidad)
    .*(url|uri|link|href|permalink|slug|handle|链接|网址) link
    .*(gtin|ean|upc|isbn|barcode|strichcode|条码|mpn|asin|sku)\\d* .*(productcode|typeno|groupno|departmentno|sectionno|indexcode|colou?rgroupcode|valueid|masterid)
    .*(date|datum|fecha|日期|timestamp) date.* (date|time)?(added|created|updated|modified|published).* .*(createdat|updatedat|publishedat)
    published status visible visibility isfeatured featured taxstatus taxclass (average)?(rating|stars)(number|count)? reviews? reviewcount ratingcount salesrank rank
    uvp (vk|ek)(netto|brutto)? rabatt discount lieferzeit deliverytime prix(ht|ttc) prezzo prijs цена 판매가 가격 價格 価格
    giacenza voorraad остаток 재고 在庫 units discontinued .*webpage codebarres codigodebarras lien enlace 条形码 上架时间 月销量 currencycode
    seo.* meta(title|description|keyword|keywords) .*grams .*requiresshipping .*fulfillment.* shipping.*`),
};
