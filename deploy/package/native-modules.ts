import { builtinModules } from 'node:module';
import type { Plugin } from 'rolldown';

const IMPORT = /^import (?:(?:\* as )?([\w$]+)(?:, )?)?(?:\{ ([^}]*) \})? from "(?:node:)?([\w/]+)";$/gm;
const REQUIRE = /^\tconst ([\w$]+) = __require\("(?:node:)?([\w/]+)"\);$/gm;
/** Those that libraries name for cases that hardly ever come: Wattline neither asserts through them nor starts commands. */
const SELDOM: ReadonlySet<string> = new Set(['assert', 'child_process']);

/**
 * Has modules of Node.js asked for by `getBuiltinModule` in place of `import`, which reads all that they export: getters
 * among them load the client of `fetch`, the streams of files and standard input, whether or not anybody wants these; and
 * has those that are hardly ever used loaded then only. The file `except` stays as it is: older versions of Node.js cannot
 * be asked in this way.
 */
export function nativeModules({ except }: { readonly except: string }): Plugin {
  return {
    name: 'native-modules',
    renderChunk(code, { fileName }) {
      if (fileName === except) return null;
      const changed = code
        .replace(IMPORT, (statement, whole: string, names: string, id: string) => {
          if (!builtinModules.includes(id)) return statement;
          const some = names && `const { ${names.replaceAll(' as ', ': ')} } = ${moduleOf(id)};`;
          return [whole && `const ${whole} = ${wholeOf(id)};`, some].filter(Boolean).join(' ');
        })
        .replace(REQUIRE, (statement, name: string, id: string) =>
          SELDOM.has(id) ? `\tconst ${name} = ${wholeOf(id)};` : statement,
        );
      return { code: changed };
    },
  };
}

function moduleOf(id: string): string {
  return `process.getBuiltinModule("node:${id}")`;
}

/** A module, or what stands for it until it is called, or one of its members is read. */
function wholeOf(id: string): string {
  if (!SELDOM.has(id)) return moduleOf(id);
  return `new Proxy(function () {}, { apply: (_, self, all) => ${moduleOf(id)}(...all), get: (_, name) => ${moduleOf(id)}[name] })`;
}
