import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startProcess } from '../../test/kit/child-process.ts';
import { temporaryFolder } from '../../test/kit/temporary-folder.ts';
import { splitModule } from './script.ts';

const MODULE = `import { a as first, second } from "./other.js";
import "./effect.js";
const url = () => import.meta.url;
const load = () => import('./other.js');
let later = 1;
const µs = 'µ ₂ 😀', isSmile = /^[😀]$/u.test('😀');
later = first + second;
export { url as default, later as in, load, µs as texts, isSmile, second };
`;
const EVALUATOR = `import { readFileSync } from 'node:fs';
export const evaluateKept = (url, given) => (0, eval)(readFileSync(url, 'utf8'))(...given);
`;

const MAIN = `for (const name of ['whole', 'split']) {
  const all = await import('./' + name + '.js');
  const { a } = await all.load();
  const file = all.default().split('/').pop();
  console.log(JSON.stringify({ names: Object.keys(all), values: [all.in, all.second, a, all.texts, all.isSmile], file }));
}
`;

it('splits a module into a script and what exports its values', async () => {
  const { script, facade } = splitModule(MODULE, './split.script.js', './evaluator.js');
  const folder = await temporaryFolder({
    'main.js': MAIN,
    'whole.js': MODULE,
    'split.js': facade,
    'split.script.js': script,
    'evaluator.js': EVALUATOR,
    'other.js': 'export const a = 2, second = 3;',
    'effect.js': 'console.log("effect");',
    'package.json': '{"type":"module"}',
  });
  try {
    expect(script).toMatch(/^[\0-\x7f]*$/);
    const child = startProcess(process.execPath, [join(folder.path, 'main.js')]);
    expect({ code: await child.exited, stderr: child.stderr() }).toEqual({ code: 0, stderr: '' });
    const [effect, ...lines] = child.stdout().trim().split('\n');
    const all = { names: ['default', 'in', 'isSmile', 'load', 'second', 'texts'], values: [5, 3, 2, 'µ ₂ 😀', true] };
    expect(effect).toBe('effect');
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { ...all, file: 'whole.js' },
      { ...all, file: 'split.js' },
    ]);
  } finally {
    await folder.remove();
  }
});

it('refuses what it could not split', () => {
  expect(() => splitModule('const a = 1;\n', './a.js', './b.js')).toThrow('export nothing');
  expect(() => splitModule('const __url = 1;\nexport { __url };\n', './a.js', './b.js')).toThrow('a name that');
  for (const change of ['a = 2;', 'a ??= 2;', 'if (b) a += 2;', 'a++;']) {
    const code = `let a = 1;\nconst b = () => {\n\t${change}\n};\nexport { a, b };\n`;
    expect(() => splitModule(code, './a.js', './b.js'), change).toThrow('would export a as it is at first');
  }
  const same = 'let a = 1;\nconst b = (c) => {\n\tconst d = { a: c.a = 1 }, e = a == 1;\n};\nexport { a, b };\n';
  expect(() => splitModule(same, './a.js', './b.js')).not.toThrow();
  expect(() => splitModule('const a = "\\é";\nexport { a };\n', './a.js', './b.js')).toThrow('cannot be escaped: \\é');
});
