import { expect, it } from 'vitest';
import { nativeModules } from './native-modules.ts';

/** What a chunk of that name becomes. */
function rendered(code: string, fileName = 'a.js'): string {
  const { renderChunk } = nativeModules({ except: 'first.js' });
  const result = (renderChunk as unknown as (code: string, chunk: object) => { code: string } | null)(code, {
    fileName,
  });
  return result?.code ?? code;
}

/** The value of an expression after some code. */
function evaluate(code: string, expression: string): unknown {
  return new Function(`${code}\nreturn ${expression};`)();
}

it('has modules of Node.js asked for in every way that they are imported', () => {
  const code = rendered(`import { join as joined, sep } from "node:path";
import path, { posix } from "path";
import * as all from "node:path";
`);
  expect(code).not.toContain('import');
  const values = '[joined("a", "b"), sep, path.sep, posix.sep, all.sep]';
  expect(evaluate(code, values)).toEqual(['a/b', '/', '/', '/', '/']);
});

it('leaves packages and files as they are, and the file that any Node.js runs', () => {
  const others = 'import { a } from "./path.js";\nimport b from "undici";\nimport "node:path";\n';
  expect(rendered(others)).toBe(others);
  const first = 'import module from "node:module";\n';
  expect(rendered(first, 'first.js')).toBe(first);
});

it('has those that are hardly ever used loaded when they are used', () => {
  const code = rendered(`import childProcess from "node:child_process";
\tconst assert = __require("assert");
`);
  const asked: string[] = [];
  const { getBuiltinModule } = process;
  process.getBuiltinModule = ((id: string) => {
    asked.push(id);
    return getBuiltinModule(id);
  }) as typeof getBuiltinModule;
  try {
    expect(evaluate(code, 'typeof assert')).toBe('function');
    expect(asked).toEqual([]);
    expect(evaluate(code, 'childProcess.spawn')).toBe(getBuiltinModule('node:child_process').spawn);
    expect(() => evaluate(code, 'assert(false, "told")')).toThrow('told');
    expect(evaluate(code, 'assert.ok')).toBe(getBuiltinModule('node:assert').ok);
    expect(asked).toEqual(['node:child_process', 'node:assert', 'node:assert']);
  } finally {
    process.getBuiltinModule = getBuiltinModule;
  }
});
