import { hash } from 'node:crypto';
import type { AttributeValue } from '@opentelemetry/api';
import type { Action } from './settings.ts';

/** The attributes of a run during its changes. */
export type Changing = Map<string, AttributeValue>;

type Sourced = Extract<Action, { action: 'insert' | 'update' | 'upsert' }>;
type Selecting = Extract<Action, { action: 'delete' | 'hash' }>;
/** An action on the value of one attribute; it does nothing where the run has no such attribute. */
type OfOne = Extract<Action, { action: 'rename' | 'extract' | 'convert' }>;

/** Applies an action. Returns false where a value cannot be converted and stays unchanged. */
export function perform(action: Action, attributes: Changing): boolean {
  switch (action.action) {
    case 'insert':
    case 'update':
    case 'upsert': {
      const isWanted = action.action === 'upsert' || attributes.has(action.key) === (action.action === 'update');
      if (isWanted) set(action, attributes);
      return true;
    }
    case 'delete':
      for (const name of selected(action, attributes)) attributes.delete(name);
      return true;
    case 'hash':
      for (const name of selected(action, attributes)) {
        attributes.set(name, hash('sha256', String(attributes.get(name))));
      }
      return true;
    default: {
      const value = attributes.get(action.key);
      return value === undefined || performOn(value, action, attributes);
    }
  }
}

function performOn(value: AttributeValue, action: OfOne, attributes: Changing): boolean {
  if (action.action === 'rename') {
    attributes.delete(action.key);
    attributes.set(action.new_key, value);
  } else if (action.action === 'extract') {
    for (const [name, text] of Object.entries(action.pattern.groups(String(value)))) attributes.set(name, text);
  } else {
    const type = action.converted_type;
    const converted = type === 'string' ? String(value) : numberFrom(value, type);
    if (converted === undefined) return false;
    attributes.set(action.key, converted);
  }
  return true;
}

function set({ key, value, from_attribute: source }: Sourced, attributes: Changing): void {
  const wanted = source === undefined ? value : attributes.get(source);
  if (wanted !== undefined) attributes.set(key, wanted);
}

function selected({ key, pattern }: Selecting, attributes: Changing): string[] {
  return [...attributes.keys()].filter((name) => name === key || pattern?.test(name));
}

const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;

/** Converts a number, a boolean (to 1 or 0) or a text with a number; truncates it for an `int`. */
function numberFrom(value: AttributeValue, type: 'int' | 'double'): number | undefined {
  const isNumeric = typeof value === 'string' ? NUMBER.test(value.trim()) : !Array.isArray(value);
  const number = isNumeric ? Number(value) : Number.NaN;
  if (!Number.isFinite(number)) return undefined;
  return type === 'int' ? Math.trunc(number) : number;
}
