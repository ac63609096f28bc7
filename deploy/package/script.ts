const IMPORT = /^import (?:\{ ([^}]*) \} from )?("[^"]+");\n/gm;
const EXPORT = /^export \{ ([^}]*) \};\n?$/m;

/** A module as two files: a script, whose compiled code can be kept whole, and the module that evaluates and exports it. */
export interface Split {
  readonly script: string;
  readonly facade: string;
}

/**
 * Splits the code of a module as rolldown writes it: imports by name first, one list of exports last. A script cannot import
 * by itself, nor does it know its URL: the module, which lies in the same folder, gives it both. `scriptName` is the script's
 * path from there, and `evaluator` that of the module with `evaluateKept`.
 */
export function splitModule(code: string, scriptName: string, evaluator: string): Split {
  const exported = EXPORT.exec(code)?.[1];
  if (exported === undefined) throw new Error(`${scriptName} would export nothing`);
  if (/\b__(?:imports|import|url)\b/.test(code)) throw new Error(`${scriptName} has a name that the script needs`);
  const imported: string[] = [];
  const body = code
    .replace(EXPORT, '')
    .replace(IMPORT, (_, names: string | undefined, from: string) => {
      imported.push(from);
      return names ? `const { ${names.replaceAll(' as ', ': ')} } = __imports[${imported.length - 1}];\n` : '';
    })
    .replace(/(?<![\w$.])import\(/g, '__import(')
    .replaceAll('import.meta.url', '__url');
  const pairs = exported.split(', ').map((pair) => pair.split(' as ') as [name: string, alias?: string]);
  const changing = pairs.find(([name]) => changesLater(name, body));
  if (changing) throw new Error(`${scriptName} would export ${changing[0]} as it is at first, and it changes later`);
  const values = pairs.map(([name, alias = name]) => `${alias}: ${name}`);
  // A name of an export may be a word that no variable can have.
  const taken = pairs.map(([name, alias = name], index) => `${alias}: value${index}`);
  const given = pairs.map(([name, alias = name], index) => `value${index} as ${alias}`);
  const modules = imported.map((from, index) => `import * as module${index} from ${from};\n`);
  const list = imported.map((_, index) => `module${index}`).join(', ');
  return {
    script: inAscii(
      `(function (__imports, __import, __url) {\n"use strict";\n${body}\nreturn { ${values.join(', ')} };\n})`,
    ),
    facade: `import { evaluateKept } from "${evaluator}";
${modules.join('')}const given = [[${list}], (specifier) => import(specifier), import.meta.url];
const { ${taken.join(', ')} } = evaluateKept(new URL("${scriptName}", import.meta.url), given);
export { ${given.join(', ')} };
`,
  };
}

/** Whether a variable of the module is assigned to in a function: rolldown writes only what is outside of all without indent. */
function changesLater(name: string, code: string): boolean {
  const word = name.replaceAll('$', '\\$');
  const isVariable = new RegExp(`^(?:let|var) ${word}(?![\\w$])`, 'm').test(code);
  return (
    isVariable &&
    new RegExp(`^\\t.*(?<![\\w$.]|(?:let|var|const) )${word}(?: [^\\w\\s=<>!]{0,3}=(?![=>])|\\+\\+|--)`, 'm').test(code)
  );
}

/** Code with escapes for all other characters: V8 then needs half the memory for it, and Node.js decodes nothing. */
function inAscii(code: string): string {
  const unsafe = /\\[^\0-\x7f]|String\.raw`[^`]*[^\0-\x7f]/.exec(code);
  if (unsafe) throw new Error(`what cannot be escaped: ${unsafe[0]}`);
  return code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
