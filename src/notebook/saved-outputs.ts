import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Figure } from '../figures/figure.js';
import { saveFigure } from './save-figure.js';

/** A notebook's JSON, as far as this file reads it (nbformat 4). */
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

/** Draws a figure as a PNG. */
type Draw = (figure: Figure) => Promise<Buffer>;

/**
 * What went wrong in the cells of an executed notebook, a line an error. tslab reports errors as text on stderr: those of the compiler
 * as `line:column - message`, thrown ones by the name of their class.
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
 * An executed notebook as it is kept: figures as PNG, tables and galleries as they are, neither plotly nor progress bars, no times
 * and no place where it ran.
 */
export async function savedNotebook(notebook: Notebook, draw: Draw = drawSmall): Promise<Notebook> {
  const cells: NotebookCell[] = [];
  for (const cell of notebook.cells) {
    const { execution: _, ...metadata } = cell.metadata;
    const outputs: CellOutput[] = [];
    for (const output of cell.outputs ?? []) {
      const saved = await savedOutput(output, draw);
      if (saved) outputs.push(saved);
    }
    cells.push({ ...cell, metadata, ...(cell.outputs ? { outputs } : {}) });
  }
  return { ...notebook, cells };
}

async function savedOutput(output: CellOutput, draw: Draw): Promise<CellOutput | undefined> {
  if (!output.data) return output;
  const { 'text/html': kept, ...rest } = output.data;
  const html = joined(kept);
  if (!html) return output;
  if (html.includes('class="moon-progress"')) return undefined;
  if (html.includes('window.moonFigure = ')) {
    // The script that draws, alone or in a page of its own.
    return html.includes('srcdoc=') ? { ...output, data: rest } : undefined;
  }
  if (rest['image/png']) return { ...output, data: rest };
  const figure = figureIn(html);
  if (!figure) return output;
  return { ...output, data: { 'image/png': (await draw(figure)).toString('base64'), ...rest } };
}

/** The figure that `figureHtml` wrote. */
function figureIn(html: string): Figure | undefined {
  const found = /window\.moonFigure\(place, (\{.*\})\);$/m.exec(html);
  return found ? (JSON.parse(found[1]) as Figure) : undefined;
}

async function drawSmall(figure: Figure): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'moon-notebook-'));
  try {
    const path = join(folder, 'figure.png');
    await saveFigure(figure, path);
    return await sharp(await readFile(path))
      .png({ palette: true, colours: 128 })
      .toBuffer();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function joined(text: string | string[] | undefined): string {
  return [text ?? ''].flat().join('');
}
