import { hash } from 'node:crypto';
import type { AttributeValue } from '@opentelemetry/api';
import type { Pattern } from 'wattline/plugin';
import type { Action } from './settings.ts';

/** The attributes of a run during its changes. */
export type Changing = Map<string, AttributeValue>;

type Sourced = Extract<Action, { action: 'insert' | 'update' | 'upsert' }>;
type ConvertedType = Extract<Action, { action: 'convert' }>['converted_type'];

/** Applies an action. Returns false where a value cannot be converted and stays unchanged. */
export function perform(action: Action, attributes: Changing): boolean {
  switch (action.action) {
    case 'insert':
      if (!attributes.has(action.key)) set(action, attributes);
      break;
    case 'update':
      if (attributes.has(action.key)) set(action, attributes);
      break;
    case 'upsert':
      set(action, attributes);
      break;
    case 'delete':
      for (const name of selected(action, attributes)) attributes.delete(name);
      break;
    case 'hash':
      for (const name of selected(action, attributes)) {
        attributes.set(name, hash('sha256', String(attributes.get(name))));
      }
      break;
    case 'rename':
      rename(action.key, action.new_key, attributes);
      break;
    case 'extract':
      extract(action.key, action.pattern, attributes);
      break;
    case 'convert':
      return convert(action.key, action.converted_type, attributes);
  }
  return true;
}

function set({ key, value, from_attribute: source }: Sourced, attributes: Changing): void {
  const wanted = source === undefined ? value : attributes.get(source);
  if (wanted !== undefined) attributes.set(key, wanted);
}

function selected({ key, pattern }: { key?: string | undefined; pattern?: Pattern | undefined }, attributes: Changing) {
  return [...attributes.keys()].filter((name) => name === key || pattern?.test(name));
}

function rename(key: string, to: string, attributes: Changing): void {
  const value = attributes.get(key);
  if (value === undefined) return;
  attributes.delete(key);
  attributes.set(to, value);
}

function extract(key: string, pattern: Pattern, attributes: Changing): void {
  const value = attributes.get(key);
  if (value === undefined) return;
  for (const [name, text] of Object.entries(pattern.groups(String(value)))) attributes.set(name, text);
}

function convert(key: string, type: ConvertedType, attributes: Changing): boolean {
  const value = attributes.get(key);
  if (value === undefined) return true;
  const converted = type === 'string' ? String(value) : numberFrom(value, type);
  if (converted !== undefined) attributes.set(key, converted);
  return converted !== undefined;
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** Converts a number, a boolean (to 1 or 0) or a text with a number; truncates it for an `int`. */
function numberFrom(value: AttributeValue, type: 'int' | 'double'): number | undefined {
  const isNumeric = typeof value === 'string' ? NUMBER.test(value.trim()) : !Array.isArray(value);
  const number = isNumeric ? Number(value) : Number.NaN;
  if (!Number.isFinite(number)) return undefined;
  return type === 'int' ? Math.trunc(number) : number;
}
