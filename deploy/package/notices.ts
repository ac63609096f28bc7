import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The licences and notices of the packages that some modules are of, as a text; throws where a package has none. */
export function noticesOf(moduleIds: readonly string[]): string {
  const folders = new Set(moduleIds.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(id)?.[0] ?? []));
  const packages = new Set([...folders].map(describe));
  const head = 'The files of this folder contain code of these packages, each under its own licence.';
  return `${[head, ...[...packages].sort()].join(`\n\n${'='.repeat(80)}\n`)}\n`;
}

function describe(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file));
  const texts = files.sort().map((file) => readFileSync(join(folder, file), 'utf8').trim());
  if (texts.length === 0) throw new Error(`the package ${name} has no licence file in ${folder}`);
  return [`${name} ${version} (${license})`, ...texts].join('\n\n');
}
