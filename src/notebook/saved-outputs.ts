import sharp from 'sharp';
import { UserError } from '../checks/error.js';

/** The parts of a notebook's JSON (nbformat 4) that are read here. */
export interface Notebook {
  cells: NotebookCell[];
  metadata: Record<string, unknown>;
}

export interface NotebookCell {
  cell_type: 'code' | 'markdown' | 'raw';
  metadata: Record<string, unknown>;
  outputs?: CellOutput[];
}

export interface CellOutput {
  output_type: 'stream' | 'display_data' | 'execute_result' | 'error';
  name?: string;
  text?: string | string[];
  evalue?: string;
  data?: Record<string, string | string[]>;
}

/**
 * The errors in the cells of an executed notebook, one line each. tslab reports errors as text on stderr: compiler errors as
 * `line:column - message`, exceptions with the name of their class.
 */
export function cellErrors({ cells }: Notebook): string[] {
  const wrong = /^(\S+ )?\d+:\d+ - |^\w*(Error|Exception|Rejection)\b|Interrupted/m;
  return cells
    .filter(({ cell_type }) => cell_type === 'code')
    .flatMap(({ outputs = [] }, at) =>
      outputs
        .filter(
          (output) => output.output_type === 'error' || (output.name === 'stderr' && wrong.test(joined(output.text))),
        )
        .map(
          (output) =>
            `cell ${at + 1}: ${joined(output.text ?? output.evalue)
              .trim()
              .slice(0, 600)}`,
        ),
    );
}

/**
 * Prepare an executed notebook for the repository: keep figures as PNG, and tables and galleries as they are; drop plotly, progress bars
 * and execution times.
 * @throws UserError for a figure without a PNG
 */
export async function savedNotebook(notebook: Notebook): Promise<Notebook> {
  const cells: NotebookCell[] = [];
  for (const cell of notebook.cells) {
    const { execution: _, ...metadata } = cell.metadata;
    const outputs = await Promise.all((cell.outputs ?? []).map(savedOutput));
    cells.push({ ...cell, metadata, ...(cell.outputs ? { outputs: joinedStreams(outputs.flat()) } : {}) });
  }
  return { ...notebook, cells };
}

async function savedOutput(output: CellOutput): Promise<CellOutput[]> {
  const { 'text/html': written, ...rest } = output.data ?? {};
  const html = joined(written);
  if (html.includes('class="moon-progress"')) return [];
  // The script that loads plotly: alone, or in a whole page inside an iframe.
  if (html.includes('window.moonFigure = ')) return html.includes('srcdoc=') ? [{ ...output, data: rest }] : [];
  const png = joined(rest['image/png']);
  if (png) return [{ ...output, data: { ...rest, 'image/png': await smaller(png) } }];
  if (rest['image/jpeg']) return [{ ...output, data: rest }];
  if (!html.includes('window.moonFigure(')) return [output];
  throw new UserError(
    'A figure has no PNG, which a saved notebook needs: install Chromium (Debian: apt-get install chromium), then run this again.',
  );
}

/** Merge consecutive outputs of one stream. */
function joinedStreams(outputs: readonly CellOutput[]): CellOutput[] {
  const all: CellOutput[] = [];
  for (const output of outputs) {
    const last = all.at(-1);
    if (last?.output_type === 'stream' && output.output_type === 'stream' && last.name === output.name)
      all[all.length - 1] = { ...last, text: joined(last.text) + joined(output.text) };
    else all.push(output);
  }
  return all;
}

async function smaller(base64: string): Promise<string> {
  const png = await sharp(Buffer.from(base64, 'base64')).png({ palette: true, colours: 128 }).toBuffer();
  return png.toString('base64');
}

function joined(text: string | string[] | undefined): string {
  return [text ?? ''].flat().join('');
}
