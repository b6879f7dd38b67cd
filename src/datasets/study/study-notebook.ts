/** The cells of a study's notebook: look, train, measure, see. It lies beside `study.json` and runs as it is. */
export function studyNotebook({ pictures }: { pictures: boolean }): object {
  const form = pictures ? 'image' : 'text';
  const cells = [
    markdown(
      '# A study of your catalogue\n\n`study.json` says which columns mean what, which queries there are and which products are held out. Every command takes it as `--data study.json`.',
    ),
    code(
      "import * as moon from 'moon-lab';\nimport { readFileSync, rmSync } from 'node:fs';\n\nconst catalogue = await moon.openCatalogue('study.json');\nconsole.log(moon.data.foundLines(moon.data.countFound(catalogue)).join('\\n'));",
    ),
    markdown(
      '**Train** a small network for some steps; `config.json` has its settings, and `npx moon-lab config` explains each.',
    ),
    code(
      "rmSync('notebook-run', { recursive: true, force: true });\nconst config = moon.budgeted(moon.readConfig(JSON.parse(readFileSync('config.json', 'utf8'))), 200);\nconst { encoder, pixels, records } = await moon.trainRun('notebook-run', config, catalogue);\nconsole.log('loss', records[0].loss.toFixed(2), '->', records[records.length - 1].loss.toFixed(2));",
    ),
    markdown('**Measure** it on products that training did not see.'),
    code(
      `const result = await moon.retrieval(encoder, catalogue, pixels, { split: 'val', form: '${form}' });\nconsole.log(result);\nmoon.show(moon.figures.retrievalTable([{ ...result, name: 'this network' }], 'Products of val'));`,
    ),
  ];
  return {
    cells,
    metadata: {
      kernelspec: { display_name: 'TypeScript (moon-lab)', language: 'typescript', name: 'tslab' },
      language_info: { file_extension: '.ts', mimetype: 'text/typescript', name: 'typescript' },
    },
    nbformat: 4,
    nbformat_minor: 5,
  };
}

let made = 0;
const source = (text: string) => text.split(/(?<=\n)/);
const markdown = (text: string) => ({
  cell_type: 'markdown',
  id: `cell-${++made}`,
  metadata: {},
  source: source(text),
});
const code = (text: string) => ({
  cell_type: 'code',
  execution_count: null,
  id: `cell-${++made}`,
  metadata: {},
  outputs: [],
  source: source(text),
});
