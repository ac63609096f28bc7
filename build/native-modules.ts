import { builtinModules } from 'node:module';
import type { Plugin } from 'rolldown';

const IMPORT = /^import (?:(?:\* as )?([\w$]+)(?:, )?)?(?:\{ ([^}]*) \})? from "(?:node:)?([\w/]+)";$/gm;

/**
 * Has modules of Node.js asked for by `getBuiltinModule` in place of `import`, which reads all that they export: getters
 * among them load the client of `fetch`, the streams of files and standard input, whether or not anybody wants these. The
 * file `except` stays as it is: older versions of Node.js cannot be asked in this way.
 */
export function nativeModules({ except }: { readonly except: string }): Plugin {
  return {
    name: 'native-modules',
    renderChunk(code, { fileName }) {
      if (fileName === except) return null;
      const changed = code.replace(IMPORT, (statement, whole: string, names: string, id: string) => {
        if (!builtinModules.includes(id)) return statement;
        const module = `process.getBuiltinModule("node:${id}")`;
        const some = names && `const { ${names.replaceAll(' as ', ': ')} } = ${module};`;
        return [whole && `const ${whole} = ${module};`, some].filter(Boolean).join(' ');
      });
      return { code: changed };
    },
  };
}
