#!/usr/bin/env node
import module from 'node:module';
import { packagePath } from './package.ts';

// What V8 has compiled is kept beside the code that it came from: who may write there could change the code as well. Where
// this user may not, nothing is kept, and nothing is said. Versions of Node.js that cannot do it are refused by `main.ts`.
module.enableCompileCache?.(packagePath('node_modules/.cache/wattline'));

await import('./main.ts');
