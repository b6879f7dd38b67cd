import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Catalogue } from '../../../src/data/types.js';
import { openCatalogue, readData } from '../../../src/datasets/open.js';
import { decodeImage } from '../../../src/pictures/image.js';
import { dataFolder, picture } from '../../data/data-folder.js';

/** What is right of a product: `title | category | attributes | images`, the last by their names in the table. */
type Right = [id: string, title: string, category: string, attributes: string, images: number];

const cdn = (name: string) => `https://cdn.example.com/${name}`;

interface Export {
  name: string;
  layout?: string;
  file: string;
  content: string | Buffer;
  right: Right[];
  /** Texts that a description holds, and what it must not. */
  description?: RegExp;
}

const exports: Export[] = [
  {
    name: 'Shopify: several rows a product, HTML, options, variant pictures',
    layout: 'Shopify product export',
    file: 'products_export_1.csv',
    content: [
      'Handle,Title,Body (HTML),Vendor,Product Category,Type,Tags,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Variant SKU,Variant Price,Image Src,Image Position,Variant Image,Status',
      `shirt,Linen shirt,"<p>Washed <b>linen</b>.</p><script>x()</script>",Nordhaus,Apparel > Shirts,Shirts,"linen, summer",Colour,White,Size,S,S1,49.00,${cdn('white.jpg?v=1')},1,${cdn('white.jpg?v=1')},active`,
      `shirt,,,,,,,,White,,M,S2,49.00,${cdn('back.jpg?v=2')},2,,`,
      `shirt,,,,,,,,Blue,,S,S3,49.00,${cdn('blue.jpg')},3,${cdn('blue.jpg')},`,
      `shirt,,,,,,,,,,,,,${cdn('detail.png')},4,,`,
      `mug,Mug,Holds 300&nbsp;ml &amp; more,Lehmwerk,,Mugs,,Title,Default Title,,,M1,18.50,,,,draft`,
    ].join('\n'),
    right: [
      [
        'shirt',
        'Linen shirt',
        'Apparel > Shirts',
        'Colour: White, Blue; Size: S, M; vendor: Nordhaus; type: Shirts; tags: linen, summer',
        4,
      ],
      ['mug', 'Mug', 'Mugs', 'vendor: Lehmwerk; type: Mugs', 0],
    ],
    description: /^Washed linen\.$|^Holds 300.ml & more$/,
  },
  {
    name: 'WooCommerce: variations, escaped commas and line ends',
    layout: 'WooCommerce product export',
    file: 'wc.csv',
    content: [
      '\ufeffID,Type,SKU,Name,Published,"Short description",Description,"In stock?",Stock,"Regular price",Categories,Tags,Images,Parent,"Attribute 1 name","Attribute 1 value(s)"',
      `7,variable,V,Waistcoat,1,"<p>Warm.</p>\\n",Long\\ntext,1,,45,"Clothing > Waistcoats, Sale",,"${cdn('1.jpg')}, ${cdn('2.jpg')}",,Colour,"Blue, Grey\\, dark"`,
      `8,variation,V-B,Waistcoat - Blue,1,,,1,8,45,,,${cdn('b.jpg')},V,Colour,Blue`,
      `9,variation,,Waistcoat - Red,1,,,1,8,45,,,${cdn('r.jpg')},id:7,Colour,Red`,
      `10,simple,,Cap,1,,,1,8,"16,50","Accessories, Clothing > Caps",warm,,,,`,
    ].join('\n'),
    right: [
      ['V', 'Waistcoat', 'Clothing > Waistcoats', 'Colour: Blue, Grey, dark, Red', 4],
      ['10', 'Cap', 'Clothing > Caps', 'tags: warm', 0],
    ],
    description: /^Long\s+text$/,
  },
  {
    name: 'WooCommerce in German',
    layout: 'WooCommerce product export',
    file: 'wc-german.csv',
    content: [
      'ID,Typ,Artikelnummer,Name,Veröffentlicht,Regulärer Preis,Kategorien,Bilder,Übergeordnetes Produkt,Attribut 1 Name,Attribut 1 Wert(e)',
      '1,variable,W1,Schal,1,9,"Wohnen > Textil, Neu",,,Größe,"S, M"',
      '2,variation,W1-S,Schal - S,1,9,,,W1,Größe,S',
    ].join('\n'),
    right: [['W1', 'Schal', 'Wohnen > Textil', 'Größe: S, M', 0]],
  },
  {
    name: 'Google Merchant, text with tabs',
    layout: 'Google Merchant feed',
    file: 'feed.txt',
    content: [
      'id\ttitle\tdescription\tlink\timage link\tadditional image link\tprice\tavailability\tgtin\tbrand\tcolor\tproduct type\titem group id',
      `a1\tMug, blue\tA mug\t${cdn('a1')}\t${cdn('a.jpg')}\t${cdn('b.jpg')},${cdn('c.jpg')}\t5.00 EUR\tin stock\t4006381333931\tAcme\tblue\tHome > Mugs\tmug`,
      `a2\tMug, red\tA mug\t${cdn('a2')}\t${cdn('d.jpg')}\t\t5.00 EUR\tin stock\t4006381333932\tAcme\tred\tHome > Mugs\tmug`,
      `p1\tPlate\tA plate\t${cdn('p1')}\t${cdn('p.jpg')}\t\t7.00 EUR\tin stock\t\t\twhite/blue\tHome > Plates\t`,
    ].join('\n'),
    right: [
      ['mug', 'Mug, blue', 'Home > Mugs', 'brand: Acme; color: blue, red', 4],
      ['p1', 'Plate', 'Home > Plates', 'color: white, blue', 1],
    ],
  },
  {
    name: 'Google Merchant, XML',
    layout: 'Google Merchant feed',
    file: 'feed.xml',
    content: `<?xml version="1.0"?>
<!DOCTYPE rss [<!ENTITY secret SYSTEM "file:///etc/passwd">]>
<rss xmlns:g="http://base.google.com/ns/1.0" version="2.0"><channel><title>Shop</title>
<item><g:id>1</g:id><title>Mug &amp; saucer</title><g:image_link>${cdn('m.jpg')}</g:image_link>
<g:additional_image_link>${cdn('n.jpg')}</g:additional_image_link><g:additional_image_link>${cdn('o.jpg')}</g:additional_image_link>
<g:shipping><g:country>DE</g:country><g:price>3 EUR</g:price></g:shipping>
<description><![CDATA[<p>Fine</p>]]></description><g:product_type>Home &gt; Mugs</g:product_type><g:color>blue</g:color>
<g:product_detail><g:section_name>General</g:section_name><g:attribute_name>Clay</g:attribute_name><g:attribute_value>Stoneware</g:attribute_value></g:product_detail>
<g:product_detail><g:attribute_name>Volume</g:attribute_name><g:attribute_value>300 ml</g:attribute_value></g:product_detail></item>
</channel></rss>`,
    right: [['1', 'Mug & saucer', 'Home > Mugs', 'Clay: Stoneware; Volume: 300 ml; color: blue', 3]],
    description: /^Fine$/,
  },
  {
    name: 'PrestaShop: features in one cell',
    file: 'products.csv',
    content: [
      'Product ID;Name;Categories;Feature (Name:Value:Position:Customized);Image URLs;Price tax excluded',
      `1;Shirt;Home / Shirts;Colour:red:1:0, Colour:blue:2:0, Fabric:linen:3:1;${cdn('a.jpg')},${cdn('b.jpg')};20.00`,
      `2;Cap;Home / Caps;;${cdn('c.jpg')};9.00`,
    ].join('\n'),
    right: [
      ['1', 'Shirt', 'Home > Shirts', 'Colour: red, blue; Fabric: linen', 2],
      ['2', 'Cap', 'Home > Caps', '', 1],
    ],
  },
  {
    name: 'Etsy: names and values of variations in columns of their own',
    file: 'EtsyListingsDownload.csv',
    content: [
      'TITLE,DESCRIPTION,PRICE,CURRENCY_CODE,QUANTITY,TAGS,IMAGE1,IMAGE2,VARIATION 1 TYPE,VARIATION 1 NAME,VARIATION 1 VALUES,SKU',
      `Bowl,Thrown by hand,20.00,EUR,3,"clay,bowl",${cdn('a.jpg')},${cdn('b.jpg')},custom_property,Glaze,"White,Sea green",B-1`,
    ].join('\n'),
    right: [['B-1', 'Bowl', '', 'TAGS: clay,bowl; Glaze: White, Sea green', 2]],
  },
  {
    name: 'Magento: store views, configurable products',
    layout: 'Magento product export',
    file: 'catalog_product.csv',
    content: [
      'sku,store_view_code,attribute_set_code,product_type,categories,name,description,short_description,price,base_image,additional_images,additional_attributes,configurable_variations,qty',
      'bag-red,,Bag,simple,"Default Category/Gear,Default Category/Gear/Bags",Bag red,,,34,/b/r/red.jpg,,"color=Red,has_options=0",,5',
      'bag,,Bag,configurable,"Default Category/Gear/Bags",Bag,<p>For all</p>,,,/b/a/bag.jpg,"/b/a/side.jpg,/b/a/back.jpg",material=Cotton|Wool,"sku=bag-red,color=Red|sku=bag-blue,color=Blue",',
      'bag-blue,,Bag,simple,Default Category/Gear/Bags,Bag blue,,,34,no_selection,,color=Blue,,5',
      'bag,de,,,,Tasche,,,,,,,,',
    ].join('\n'),
    right: [['bag', 'Bag', 'Gear > Bags', 'material: Cotton, Wool; color: Red, Blue; has_options: 0', 4]],
    description: /^For all$/,
  },
  {
    name: 'Amazon Berkeley Objects: tagged languages, packed',
    layout: 'Amazon Berkeley Objects',
    file: 'listings_0.json.gz',
    content: gzipSync(
      `${JSON.stringify({
        item_id: 'B07',
        item_name: [
          { language_tag: 'de_DE', value: 'Beistelltisch' },
          { language_tag: 'en_US', value: 'Side table' },
        ],
        product_type: [{ value: 'TABLE' }],
        color: [{ language_tag: 'en_US', standardized_values: ['Brown'], value: 'Oak' }],
        main_image_id: '71A',
        other_image_id: ['81B', '61C'],
        node: [{ node_id: 1, node_name: '/Categories/Furniture/Tables' }],
        item_weight: [{ normalized_value: { unit: 'pounds', value: 9.2 }, unit: 'pounds', value: 9.2 }],
      })}\n${JSON.stringify({ item_id: 'B08', item_name: [{ language_tag: 'de_DE', value: 'Lampe' }], main_image_id: '9' })}\n`,
    ),
    right: [
      ['B07', 'Side table', 'Furniture > Tables', 'color: Oak; product_type: TABLE', 3],
      ['B08', 'Lampe', '', '', 1],
    ],
  },
  {
    name: 'Amazon Reviews 2018',
    layout: 'Amazon Reviews metadata',
    file: 'meta_Home.json',
    content: `${JSON.stringify({
      asin: '0001',
      title: 'Bird &amp; feeder',
      category: ['Home', 'Garden', 'Feeders'],
      description: ['A <i>feeder</i>', 'for birds'],
      brand: 'Acme',
      price: '$12',
      rank: ['>#5 in Home'],
      imageURL: [cdn('a._SS40_.jpg')],
      imageURLHighRes: [cdn('a.jpg'), cdn('b.jpg')],
    })}\n${JSON.stringify({ asin: '0002', title: 'Rake', category: [], imageURL: [], imageURLHighRes: [] })}\n`,
    right: [
      ['0001', 'Bird & feeder', 'Home > Garden > Feeders', 'brand: Acme', 2],
      ['0002', 'Rake', '', '', 0],
    ],
    description: /^A feeder for birds$/,
  },
  {
    name: 'Amazon Reviews 2023',
    layout: 'Amazon Reviews metadata',
    file: 'meta.jsonl',
    content: `${JSON.stringify({
      parent_asin: 'B1',
      main_category: 'AMAZON FASHION',
      title: 'Scarf',
      average_rating: 4.5,
      rating_number: 7,
      categories: ['Clothing', 'Scarves'],
      images: [
        { thumb: cdn('t1.jpg'), large: cdn('l1.jpg'), variant: 'MAIN', hi_res: null },
        { thumb: cdn('t2.jpg'), large: cdn('l2.jpg'), variant: 'PT01', hi_res: cdn('h2.jpg') },
      ],
      store: 'Wool & Co',
      details: { Material: 'Wool', 'Date First Available': 'May 1', UPC: '123', 'Best Sellers Rank': { x: 1 } },
    })}\n`,
    right: [['B1', 'Scarf', 'Clothing > Scarves', 'brand: Wool & Co; Material: Wool', 2]],
  },
  {
    name: 'old Amazon: lists of paths, Python lists in a CSV',
    layout: 'Amazon Reviews metadata',
    file: 'meta.csv',
    content: `asin,title,categories,imUrl,price\nB2,Hat,"[['Clothing'], ['Clothing', 'Men', ""Men's hats""]]",${cdn('h.jpg')},3\n`,
    right: [['B2', 'Hat', "Clothing > Men > Men's hats", '', 1]],
  },
  {
    name: 'H&M articles: codes are no attributes',
    layout: 'H&M articles',
    file: 'articles.csv',
    content: [
      'article_id,product_code,prod_name,product_type_no,product_type_name,product_group_name,colour_group_name,index_group_name,detail_desc',
      '0420000101,0420000,Ribbed vest,253,Vest,Upper body,Black,Women,A vest.',
    ].join('\n'),
    right: [['0420000101', 'Ribbed vest', 'Women > Upper body > Vest', 'colour_group_name: Black', 0]],
  },
  {
    name: 'German headers, semicolons, decimal commas, Windows-1252',
    file: 'artikel.csv',
    content: Buffer.from(
      'Artikelnummer;Bezeichnung;Warengruppe;Farbe;Größe;Preis;Lagerbestand;EAN\n17;Tasse für Tee, weiß;Küche > Geschirr;grün;groß;12,50;3;4006381333931\n',
      'latin1',
    ),
    right: [['17', 'Tasse für Tee, weiß', 'Küche > Geschirr', 'Farbe: grün; Größe: groß', 0]],
  },
  {
    name: 'French headers, UTF-16 with tabs as Excel saves it',
    file: 'produits.csv',
    content: Buffer.from(
      '\ufeffRéférence\tDésignation\tCatégorie\tCouleur\tPrix\n7\tThé glacé\tMaison / Cuisine\tbleu\t3,20\n',
      'utf16le',
    ),
    right: [['7', 'Thé glacé', 'Maison > Cuisine', 'Couleur: bleu', 0]],
  },
  {
    name: "Spanish headers, Excel's sep= and pipes",
    file: 'productos.csv',
    content: 'sep=|\r\nReferencia|Nombre|Categoría|Color|Precio\r\n9|Taza azul|Hogar > Cocina|azul|2,00\r\n',
    right: [['9', 'Taza azul', 'Hogar > Cocina', 'Color: azul', 0]],
  },
  {
    name: 'Chinese headers in GBK',
    file: 'shangpin.csv',
    content: Buffer.from(
      'c9ccc6b7b1e0bac52cc9ccc6b7c3fbb3c62cc0e0c4bf2cd1d5c9ab2cbcdbb8f10a312cc7e0bba8b4c9cdeb2cbcd2bed3203e20b2e8bedf2cc0b6c9ab2c35300a',
      'hex',
    ),
    right: [['1', '青花瓷碗', '家居 > 茶具', '颜色: 蓝色', 0]],
  },
  {
    name: 'lone carriage returns, and words for nothing',
    file: 'mac.csv',
    content:
      'id,title,category,colour,size,material,image\r1,Cup,NULL,nan,N/A,clay,nan\r2,Mug,Home,None,\\N,null,NULL\r',
    right: [
      ['1', 'Cup', '', 'material: clay', 0],
      ['2', 'Mug', 'Home', '', 0],
    ],
  },
  {
    name: 'HTML and numbers as pandas writes them',
    file: 'c.csv',
    content:
      'id,title,description,category,year\n10001.0,"<b>Cup</b> &amp; saucer","<p>A <i>fine</i> cup</p><script>alert(1)</script>","<img src=x onerror=alert(1)>",2012.0\n2,a < b > c & d,,A > B,2013\n',
    right: [
      ['10001', 'Cup & saucer', '', 'year: 2012', 0],
      ['2', 'a < b > c & d', 'A > B', 'year: 2013', 0],
    ],
    description: /^A fine cup$/,
  },
  {
    name: 'one JSON document with a list inside, names that JavaScript has',
    file: 'products.json',
    content: JSON.stringify(
      {
        total: 1,
        products: [
          { id: 1, title: 'Cup', constructor: 'a', category: [{ id: 3, name: 'Home > Cups' }], tags: ['x', 'y'] },
        ],
      },
      null,
      2,
    ),
    right: [['1', 'Cup', 'Home > Cups', 'constructor: a; tags: x, y', 0]],
  },
  {
    name: 'columns as pandas writes JSON',
    file: 'frame.json',
    content: JSON.stringify({ id: { 0: 5, 1: 6 }, title: { 0: 'Cup', 1: 'Mug' }, colour: { 0: 'red', 1: null } }),
    right: [
      ['5', 'Cup', '', 'colour: red', 0],
      ['6', 'Mug', '', '', 0],
    ],
  },
];

test.each(exports)('$name', async ({ file, content, right, layout, description }) => {
  const { catalogue, layout: found, remoteImages } = await readData(dataFolder({ [file]: content }));
  const named = (id: string) => catalogue.issues.filter(({ image }) => image !== undefined).length + id.length * 0;
  expect(found).toBe(layout);
  expect(
    catalogue.products.map(({ id, title, category, attributes }) => [
      id,
      title,
      category.join(' > '),
      Object.entries(attributes)
        .map(([name, values]) => `${name}: ${values.join(', ')}`)
        .join('; '),
    ]),
  ).toEqual(right.map((each) => each.slice(0, 4)));
  const images = right.reduce((sum, [, , , , count]) => sum + count, 0);
  expect(remoteImages.length || named('')).toBe(images);
  for (const each of catalogue.products)
    if (description && each.description) expect(each.description).toMatch(description);
});

describe('pictures where they are', () => {
  test('by path, name or id, whatever the case, accents, percent signs and slashes', async () => {
    const names = [
      'photos/A/Mixed.JPG',
      'photos/two words (1).jpg',
      'photos/cafe\u0301.jpg',
      'photos/back.jpg',
      'photos/sub/slash.png',
      '茶杯.webp',
    ];
    const shown = await picture(1, 'jpeg');
    const table = [
      ['mixed.jpg', 'photos/A/Mixed.JPG'],
      ['two%20words%20(1).jpg', 'photos/two words (1).jpg'],
      ['images/caf\u00e9.jpg', 'photos/cafe\u0301.jpg'],
      ['photos\\back.jpg', 'photos/back.jpg'],
      ['/var/www/photos/sub/slash.png', 'photos/sub/slash.png'],
      ['./茶杯.webp', '茶杯.webp'],
      ['https://shop.example/media/back.jpg?v=3', 'photos/back.jpg'],
    ];
    const rows = table.map(([name], at) => `${at},Cup,${name}`);
    const folder = dataFolder({
      'c.csv': `id,title,image\n${rows.join('\n')}\n`,
      ...Object.fromEntries(names.map((name) => [name, shown])),
    });
    const { products, issues } = await openCatalogue(folder);
    expect(products.map(({ images }) => images[0]?.id)).toEqual(table.map(([, path]) => path));
    expect(issues).toEqual([]);
  });

  test('by id, several of one product, lost zeros; two candidates are named', async () => {
    const shown = await picture(1, 'jpeg');
    const files = [
      'photos/1.jpg',
      'photos/1_2.jpg',
      'photos/1-3.png',
      'img/042/0420000101.jpg',
      'p/7/b.jpg',
      'p/7/a.jpg',
      'x/dup.jpg',
      'y/dup.jpg',
    ];
    const pictures = Object.fromEntries(files.map((file) => [file, shown]));
    const byId = await openCatalogue(
      dataFolder({ 'c.csv': 'id,title\n1,Cup\n420000101,Vest\n7,Mug\n8,Pot\n', ...pictures }),
    );
    expect(byId.products.map(({ images }) => images.map(({ id }) => id))).toEqual([
      ['photos/1.jpg', 'photos/1-3.png', 'photos/1_2.jpg'],
      ['img/042/0420000101.jpg'],
      ['p/7/a.jpg', 'p/7/b.jpg'],
      [],
    ]);
    const { products, issues } = await openCatalogue(
      dataFolder({ 'c.csv': 'id,title,image\n1,Cup,dup.jpg\n', ...pictures }),
    );
    expect(products[0].images.map(({ id }) => id)).toEqual(['x/dup.jpg']);
    expect(issues.map(({ kind, message }) => [kind, message])).toEqual([
      ['ambiguous-image', 'image "dup.jpg" is read from "x/dup.jpg", and could be "y/dup.jpg"'],
    ]);
  });

  test('on another disk only where links may lead there', async () => {
    const shown = await picture(1, 'jpeg');
    const disk = dataFolder({ 'deep/7.jpg': shown, '8.jpg': shown });
    const folder = dataFolder({ 'c.csv': 'id,title,image\n7,Cup,7.jpg\n8,Mug,8.jpg\n' });
    symlinkSync(join(disk, 'deep'), join(folder, 'photos'));
    symlinkSync(join(disk, '8.jpg'), join(folder, '8.jpg'));
    symlinkSync(folder, join(folder, 'loop'));
    const without = await openCatalogue(folder);
    expect(without.products.map(({ images }) => images)).toEqual([[], []]);
    expect(without.issues.map(({ kind }) => kind)).toEqual(['missing-image', 'outside-folder']);
    const { products, issues } = await openCatalogue(folder, { follow: disk });
    expect(products.map(({ images }) => images[0]?.id)).toEqual(['photos/7.jpg', '8.jpg']);
    expect(issues).toEqual([]);
  });

  test('several in a cell, joined by anything', async () => {
    const shown = await picture(1, 'jpeg');
    const cells = ['a.jpg|b.jpg', 'a.jpg, b.jpg', 'a.jpg;b.jpg', '["a.jpg","b.jpg"]', "['a.jpg', 'b.jpg']"];
    const rows = cells.map((cell, at) => `${at},Cup,"${cell.replaceAll('"', '""')}"`);
    const folder = dataFolder({
      'c.csv': `id,title,image\n${rows.join('\n')}\n`,
      'images/a.jpg': shown,
      'images/b.jpg': shown,
    });
    const { products, issues } = await openCatalogue(folder);
    for (const { images } of products) expect(images.map(({ id }) => id)).toEqual(['images/a.jpg', 'images/b.jpg']);
    expect(issues).toEqual([]);
  });
});

test('the parts of a table are one, whatever hash or job their names hold; names of splits are splits', async () => {
  const part = (id: number) => `id,title\n${id},Cup ${id}\n`;
  const folder = dataFolder({
    'data/train-00000-of-00002-0a1b2c3d4e5f6071.csv': part(1),
    'data/train-00001-of-00002-ffeeddccbbaa9988.csv': part(2),
    'data/validation-00000-of-00001-0011223344556677.csv': part(3),
    'README.md': '# Cups',
  });
  const { products, pairs } = await openCatalogue(folder);
  expect(products.map(({ id }) => id)).toEqual(['1', '2', '3']);
  expect(pairs.map(({ product, split }) => [product, split])).toEqual([
    ['1', 'train'],
    ['2', 'train'],
    ['3', 'val'],
  ]);
  const job = '6f1d2c3b-1111-2222-3333-444455556666';
  const spark = dataFolder({
    [`part-00000-${job}-c000.csv`]: part(1),
    [`part-00001-${job}-c000.csv`]: part(2),
    _SUCCESS: '',
  });
  expect((await openCatalogue(spark)).products.length).toBe(2);
});

describe('tables of other programs', () => {
  const fixture = (name: string) => readFileSync(`test/fixtures/data/${name}`);
  const rowsOf = ({ products }: Catalogue) =>
    products.map(({ id, title, category, attributes }) => [id, title, category.join(' > '), attributes]);

  test('Parquet of Hugging Face: the pictures stand in the table, ids are larger than numbers can be', async () => {
    const folder = dataFolder({ 'data/train-00000-of-00001.parquet': fixture('hub-images.parquet') });
    const { products, issues } = await openCatalogue(folder, {
      map: { id: 'id', title: 'title', image: ['image', 'raw'], attributes: [] },
    });
    expect(issues).toEqual([]);
    expect(products.map(({ id, title }) => [id, title])).toEqual([
      ['9007199254740993', 'Red cup'],
      ['2', 'Blue cup'],
    ]);
    const colours = await Promise.all(
      products.flatMap(({ images }) =>
        images.map(async ({ source }) => [
          ...(await decodeImage(source, { width: 1, height: 1, fit: 'stretch' })).data,
        ]),
      ),
    );
    expect(colours).toEqual([
      [200, 20, 20],
      [200, 20, 20],
      [20, 20, 200],
      [20, 20, 200],
    ]);
    const guessed = await openCatalogue(folder);
    expect(guessed.products.map(({ images }) => images.length)).toEqual([1, 1]);
  });

  test('Parquet of pandas and Spark: numbers with gaps, lists of levels, prices, dates, texts that are bytes', async () => {
    const { catalogue, columns } = await readData(dataFolder({ 'x.parquet': fixture('pandas.parquet') }));
    expect(rowsOf(catalogue)).toEqual([
      ['10001', 'Blue cup', 'Home > Kitchen > Cups', { tags: ['new', 'sale'], spark: ['oak'] }],
      ['10002', 'Red cup', 'Home > Kitchen', { spark: ['pine'] }],
    ]);
    expect(columns?.ignored).toEqual(['price', 'added']);
  });

  test('Excel: the first sheet, numbers and texts as they stand', async () => {
    const { catalogue, columns } = await readData(dataFolder({ 'artikel.xlsx': fixture('artikel.xlsx') }));
    expect(rowsOf(catalogue)).toEqual([
      ['420000101', 'Blaue Tasse', 'Haus > Küche', { Farbe: ['blau'] }],
      ['0042', 'Rote Tasse', 'Haus > Küche', { Farbe: ['rot'] }],
    ]);
    expect(columns?.ignored).toEqual(['Preis', 'Datum']);
    expect(catalogue.issues.map(({ kind, message }) => [kind, message])).toEqual([
      ['other-sheet', 'the sheet "Notizen" is not read'],
    ]);
    const cut = await openCatalogue(dataFolder({ 'x.xlsx': fixture('artikel.xlsx').subarray(0, 900) }));
    expect([cut.products, cut.issues.map(({ kind }) => kind)]).toEqual([[], ['empty-file', 'bad-xlsx']]);
  });
});
