import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files of minutes. Started last, one would run alone at the end. */
const longest = ['test/notebooks/notebooks.test.ts', 'test/cli/train-on-ray.test.ts'];

/** Vitest's order, after the longest files. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => longest.indexOf(relative(this.ctx.config.root, moduleId));
    const sorted = await super.sort(files);
    const first = sorted.filter((file) => place(file) >= 0).sort((a, b) => place(a) - place(b));
    return [...first, ...sorted.filter((file) => place(file) < 0)];
  }
}
