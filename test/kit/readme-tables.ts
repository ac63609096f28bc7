import { stringify } from 'yaml';
import { builtinNames, findRegion, tabledFactor } from '../../src/factors/regions.ts';
import type { Factor } from '../../src/model/factor.ts';
import type { AnyPlugin } from '../../src/plugin/contract.ts';
import { features } from '../../src/prediction/index.ts';
import { type Option, optionsOf } from './options.ts';

/** A plugin's README whose first tables of the configuration and of the metrics are those of its schema and of what it emits. */
export function withTables(readme: string, { configSchema, emits = {} }: AnyPlugin): string {
  const options = optionsOf(configSchema).map((option) => [`\`${option.path}\``, defaultOf(option), meaningOf(option)]);
  const metrics = Object.entries(emits).map(([name, { unit, description }]) => [`\`${name}\``, unit, description]);
  const configured = withTable(readme, 'Configuration', ['key', 'default', 'meaning'], options);
  return withTable(configured, 'Metrics', ['name', 'unit', 'meaning'], metrics);
}

/** A README whose tables of built-in prices or intensities are those of the table of regions. */
export function withRegions(readme: string): string {
  return (['price', 'intensity'] as const).reduce((text, quantity) => {
    const old = new RegExp(`^\\| region +\\| ${quantity} +\\|.*(?:\\n\\|.*)*`, 'm');
    return text.replace(old, () => regionTable(quantity));
  }, readme);
}

/** A README whose table of features is that of what models may depend on. */
export function withFeatures(readme: string): string {
  const head = ['feature', 'unit', 'what it is', 'read from, the first that is there'];
  const rows = Object.entries(features).map(([name, { unit, description, reads }]) => {
    return [`\`${name}\``, unit, description, reads];
  });
  return readme.replace(/^\| feature \|.*(?:\n\|.*)*/m, () => tableOf([head, head.map(() => '---'), ...rows]));
}

function regionTable(quantity: 'price' | 'intensity'): string {
  const rows = builtinNames.map((name) => {
    const factor = findRegion(name)?.[quantity] as Factor;
    const tabled = tabledFactor(factor.id);
    return [`\`${name}\``, ...sourced(factor), ...(tabled ? sourced(tabled) : ['–', '–', '–'])];
  });
  const head = ['region', quantity, 'source', 'year', 'a table says', 'its source', 'its year'];
  return tableOf([head, head.map(() => '---'), ...rows]);
}

function sourced({ value, source, year }: Factor): string[] {
  return [`${value}`, source, `${year ?? '–'}`];
}

function tableOf(lines: readonly (readonly string[])[]): string {
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** What stands for an option that is left out: in YAML where something is assumed. */
function defaultOf({ default: value, isRequired, within }: Option): string {
  if (value !== undefined)
    return `\`${stringify(value, { collectionStyle: 'flow', flowCollectionPadding: false, lineWidth: 0 }).trim()}\``;
  if (!isRequired) return '–';
  return within === undefined ? 'required' : `required in \`${within}\``;
}

/** The description, with the values that it does not name itself, and where its keys are listed. */
function meaningOf({ description = '', values = [], like }: Option): string {
  const named = [...new Set(values.map((value) => `\`${value}\``))];
  return [
    description,
    ...(named.every((value) => description.includes(value)) ? [] : [`allowed are ${named.join(', ')}`]),
    ...(like === undefined ? [] : [`keys as in \`${like}\``]),
  ].join('; ');
}

/** The text with a table in place of the first one under a heading, or right below the heading; as it is without rows. */
function withTable(readme: string, heading: string, head: readonly string[], rows: readonly string[][]): string {
  if (rows.length === 0) return readme;
  const lines = [head, head.map(() => '---'), ...rows.map((cells) => cells.map(escaped))];
  const table = tableOf(lines);
  return readme
    .split(/^(?=## )/m)
    .map((section) => {
      if (!section.startsWith(`## ${heading}\n`)) return section;
      const old = /^\|.*(?:\n\|.*)*/m.exec(section)?.[0];
      return old === undefined ? section.replace('\n', () => `\n\n${table}\n`) : section.replace(old, () => table);
    })
    .join('');
}

function escaped(cell: string): string {
  return cell.replaceAll('|', '\\|');
}
