#!/usr/bin/env node
import module from 'node:module';
import { fileURLToPath } from 'node:url';

// This file runs on any version of Node.js, so that it can refuse an old one; all other files may rely on a new one.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 22)) {
  console.error(`Wattline needs Node.js 22.22 or newer, and this is ${process.versions.node} [START_FAILED]`);
  process.exit(1);
}

// The compile cache is beside the code, where only those who may change the code can write. It stays off, without a message,
// where this user may not write there.
module.enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/wattline', import.meta.url)));

const { main } = await import('./main.ts');
await main();
