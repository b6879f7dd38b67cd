import { expect, test } from 'vitest';
import { graphCatalogue, graphProduct } from '../../src/graphs/catalogue.js';
import { NAMING, namingCatalogue } from '../../src/graphs/naming.js';
import { questions } from '../../src/graphs/questions/index.js';
import { relations, tripleText } from '../../src/graphs/triples.js';
import { questionAbout } from '../../src/moon/question.js';
import { someQuestions } from './some-graphs.js';

/** Triples as three words each. */
type Words = readonly [head: string, relation: string, tail: string];

const wordsOf = (text: string): Words => {
  const relation = relations.find((each) => text.includes(` ${each} `))!;
  const [head, tail] = text.split(` ${relation} `);
  return [head, relation, tail];
};

const only = (answers: readonly string[]): string => {
  expect(new Set(answers).size).toBe(1);
  return answers[0];
};

/** Answers read from prompts and triples in words alone, in a slow way of their own. */
const solvers: Record<string, (prompt: string, triples: readonly Words[]) => string> = {
  entity(prompt, triples) {
    const [, leaf] = prompt.match(/^which (.+) is there$/)!;
    return only(triples.flatMap(([head, , tail]) => [head, tail].filter((name) => name.endsWith(` ${leaf}`))));
  },
  relation(prompt, triples) {
    const [, a, b] = prompt.match(/^how are (.+) and (.+) joined$/)!;
    return only(
      triples.filter(([head, , tail]) => [a, b].sort().join() === [head, tail].sort().join()).map(([, r]) => r),
    );
  },
  neighbour(prompt, triples) {
    const [, a, by] = prompt.match(/^what does (.+) point to by (.+)$/)!;
    return only(triples.filter(([head, r]) => head === a && r === by).map(([, , tail]) => tail));
  },
  count(prompt, triples) {
    const [, by] = prompt.match(/^how many are (.+)$/)!;
    return String(triples.filter(([, r]) => r === by).length);
  },
  error(prompt, triples) {
    const listed = prompt.replace('which is wrong ', '').split('; ');
    expect(listed).toHaveLength(3);
    const known = triples.map((words) => words.join(' '));
    return only(listed.filter((line) => !known.includes(line.slice(2))).map((line) => line[0]));
  },
  'entity-reasoning'(prompt, triples) {
    const [, a, by, then] = prompt.match(/^from (.+) by (.+) then (.+) to what$/)!;
    const middle = triples.filter(([head, r]) => head === a && r === by).map(([, , tail]) => tail);
    return only(triples.filter(([head, r]) => middle.includes(head) && r === then).map(([, , tail]) => tail));
  },
  'relation-reasoning'(prompt, triples) {
    const [, a, by] = prompt.match(/^from (.+) by (.+) then by which$/)!;
    const middle = triples.filter(([head, r]) => head === a && r === by).map(([, , tail]) => tail);
    return only(triples.filter(([head]) => middle.includes(head)).map(([, r]) => r));
  },
};

test.each(questions.map(({ name }) => name))(
  '%s: the answer follows from the triples, and from those listed',
  (kind) => {
    const own = someQuestions.filter((question) => question.kind === kind);
    expect(own).toHaveLength(120);
    for (const { prompt, answer, needed, graph } of own) {
      const words = graph.triples.map((triple) => wordsOf(tripleText(triple)));
      expect(solvers[kind](prompt, words), prompt).toBe(answer);
      for (const triple of needed) expect(graph.triples).toContain(triple);
      // An error is told by the right triple; the other kinds need no more than what is listed.
      if (kind !== 'error')
        expect(
          solvers[kind](
            prompt,
            needed.map((triple) => wordsOf(tripleText(triple))),
          ),
        ).toBe(answer);
    }
  },
);

test('where answers are few, each is right equally often, in graphs that agree with the shop and in others', () => {
  for (const { name, answers } of questions.filter((question) => question.answers))
    for (const agrees of [true, false]) {
      const own = someQuestions.filter(
        ({ kind, graph, split }) => kind === name && graph.agrees === agrees && split === 'dev',
      );
      for (const answer of answers!) {
        const share = own.filter((question) => question.answer === answer).length / own.length;
        expect(Math.abs(share - 1 / answers!.length)).toBeLessThan(0.05);
      }
    }
});

test('a question is a product whose attribute it is: seen, in words, or not shown at all', () => {
  const [question] = someQuestions;
  const asked = (shown: Parameters<typeof graphProduct>[1]) => {
    const product = graphProduct(question, shown);
    return questionAbout(product, product.images[0], 'attribute')!;
  };
  expect(asked('plain')).toMatchObject({ prompt: question.prompt, text: expect.stringContaining('answer: ') });
  expect(asked('plain').image?.id).not.toBe(asked('curved').image?.id);
  expect(asked('nothing')).toEqual({
    id: question.id,
    prompt: question.prompt,
    answer: 'attribute',
    text: asked('plain').text,
  });
  for (const triple of question.graph.triples) expect(asked('words').prompt).toContain(`${tripleText(triple)};`);
  const { products, pairs } = graphCatalogue(someQuestions, 'plain');
  expect(products).toHaveLength(someQuestions.length);
  expect(pairs.map(({ product }) => product)).toEqual(
    someQuestions.filter(({ split }) => split === 'train').map(({ id }) => id),
  );
});

test('names of what a picture shows are those of its nodes, from top to bottom in either style', () => {
  for (const style of ['plain', 'curved'] as const)
    for (const [row, { attributes, images }] of namingCatalogue(someQuestions, style).products.entries()) {
      const { graph, layouts, id } = someQuestions[row];
      expect(images[0].id).toBe(`${id}/${style}`);
      const names = attributes[NAMING][0].split(/; ?/).slice(0, -1);
      const heights = names.map((name) => layouts[style][graph.nodes.findIndex((node) => node.name === name)][1]);
      expect(heights).toEqual([...heights].sort((a, b) => a - b));
      expect(new Set(names).size).toBe(graph.nodes.length);
    }
});
