import fc from 'fast-check';
import { isAlias, isScalar, parse, parseDocument, visit } from 'yaml';
import { type Located, scalarsIn, toPlain } from '../../../src/config/located.ts';
import { parseYaml } from '../../../src/config/parse-yaml.ts';
import { formatProblem, type Problem } from '../../../src/errors.ts';
import { growingYaml, yamlTexts, yamlWords } from '../arbitraries/yaml-texts.ts';
import { hold, holdSame, type Target } from '../target.ts';

interface Read {
  readonly located: Located | undefined;
  readonly problems: readonly Problem[];
}

const tree = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.oneof(fc.double(), fc.boolean(), fc.constant(null), fc.string({ maxLength: 10 })),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.string({ maxLength: 6 }), tie('value'), { maxKeys: 4 }),
  ),
})).value;

/** YAML with its places, as configurations are read. */
const target: Target<Read> = {
  name: 'yaml',
  weight: 0.2,
  generated: fc
    .oneof(
      yamlTexts(3),
      fc.tuple(tree, fc.constantFrom(undefined, 2)).map(([value, indent]) => JSON.stringify(value, null, indent)),
    )
    .map((text) => Buffer.from(text)),
  words: yamlWords,
  longest: 16 * 1024,
  growing: growingYaml,
  read(bytes) {
    const problems: Problem[] = [];
    return { located: parseYaml(bytes.toString(), 'a.yaml', problems), problems };
  },
  isRefusal: () => false,
  check({ located, problems }, bytes) {
    hold(!located || problems.length === 0, 'there is a value, and problems');
    const lines = bytes.toString().split('\n').length;
    for (const problem of problems) {
      const { line = 0, column = 0 } = problem.at ?? {};
      hold(line >= 1 && line <= lines + 1 && column >= 1, () => `a problem is at ${line}:${column}, of ${lines} lines`);
    }
    const said = problems.slice(0, 100).map(formatProblem);
    if (located) holdAsParsed(located, bytes.toString());
    return scalarsIn(located).length + said.join('').length;
  },
  most: { steps: 20_000, memory: 10_000, made: 50 },
};

export default target;

/** Throws where the plain value is not what the library makes of the text. */
function holdAsParsed(located: Located, text: string): void {
  const document = parseDocument(text, { uniqueKeys: false, prettyErrors: false });
  let isComparable = true;
  visit(document, {
    Pair(_, { key }) {
      isComparable &&= isScalar(key) && typeof key.value === 'string' && key.value !== '<<';
    },
    Node(_, node) {
      // The library repeats the anchors of maps that it has not finished.
      isComparable &&= !isAlias(node);
    },
  });
  if (isComparable)
    holdSame(
      toPlain(located),
      parse(text, { logLevel: 'silent', prettyErrors: false }),
      'it is not what the library makes of it',
    );
}
