import type { Attributes, AttributeValue } from '@opentelemetry/api';
import { plainName } from './names.ts';

type Label = readonly [name: string, value: AttributeValue | undefined];

/**
 * Attributes as Prometheus takes labels, in their order: names that it allows, values as text, empty ones left out, since
 * to Prometheus they are absent. Where two names become one their values are joined with `;` in the order of the names,
 * as OpenTelemetry prescribes. `more` are labels that stand behind the attributes and do not replace any; a name in
 * `reserved` gets `exported_` before it.
 */
export function toLabels(attributes: Attributes, more: readonly Label[], reserved?: string): Record<string, string> {
  const sources = new Map<string, [name: string, value: string][]>();
  const others = more.filter(([name]) => attributes[name] === undefined);
  for (const [name, raw] of [...Object.entries(attributes), ...others]) {
    const value = textOf(raw);
    if (value === '') continue;
    const plain = plainName(name);
    const label = plain === reserved ? `exported_${plain}` : plain;
    const known = sources.get(label);
    if (known) known.push([name, value]);
    else sources.set(label, [[name, value]]);
  }
  const labels: Record<string, string> = {};
  for (const [label, values] of sources) {
    if (values.length > 1) values.sort(([a], [b]) => (a < b ? -1 : 1));
    labels[label] = values.map(([, value]) => value).join(';');
  }
  return labels;
}

function textOf(value: AttributeValue | undefined): string {
  if (value === undefined || value === null) return '';
  return (typeof value === 'object' ? JSON.stringify(value) : String(value)).toWellFormed();
}
